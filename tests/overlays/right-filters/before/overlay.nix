final: prev:
let
  inherit (final) lib;
  without = names: lib.filter (flag: !(lib.any (name: lib.hasPrefix "-D${name}" flag) names));
in
{
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = without [ "GGML_NATIVE" "GGML_AVX" ] old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
  });
  llama-cpp-small = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags =
      lib.filter (f: f != "-DGGML_NATIVE:BOOL=FALSE" && !(lib.hasPrefix "-DGGML_BLAS:" f)) old.cmakeFlags
      ++ [ "-DGGML_AVX=ON" ];
  });
}
