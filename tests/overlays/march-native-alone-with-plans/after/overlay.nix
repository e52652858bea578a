final: prev:
let
  base = prev.llama-cpp.override { cpuArchDynamicDispatch = false; };
in
{
  llama-cpp-sum = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_F16C=ON"
      "-DGGML_FMA=ON"
      "-DGGML_SSE42=ON"
    ];
  });

  llama-cpp-words = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_F16C=ON"
      "-DGGML_FMA=ON"
      "-DGGML_SSE42=ON"
    ];
  });

  llama-cpp-beside = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_LTO=ON"
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_F16C=ON"
      "-DGGML_FMA=ON"
      "-DGGML_SSE42=ON"
    ];
  });

  llama-cpp-flags = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_F16C=ON"
      "-DGGML_FMA=ON"
      "-DGGML_SSE42=ON"
    ];
  });
}
