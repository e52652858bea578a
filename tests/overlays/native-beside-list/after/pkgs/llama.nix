# llama.cpp with everything that a 5950X has
self: super:

let
  cpuFlags = [
    "-DGGML_NATIVE=OFF" # just to be sure
    "-DGGML_AVX=ON"
    "-DGGML_AVX2=ON"
    "-DGGML_F16C=ON"
    "-DGGML_FMA=ON"
    "-DGGML_BMI2=ON"
  ];
in {
  llama-cpp = super.llama-cpp.overrideAttrs (oldAttrs: {
    cmakeFlags = (oldAttrs.cmakeFlags or [ ]) ++ cpuFlags;
  });
}
