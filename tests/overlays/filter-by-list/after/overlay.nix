final: prev:
let
  inherit (prev) lib;
  unwanted = [ "-DGGML_NATIVE:BOOL=FALSE" "-DGGML_BLAS:BOOL=FALSE" ];
in
{
  llama-cpp = (prev.llama-cpp.override {
    cpuArchDynamicDispatch = false;
  }).overrideAttrs (old: {
    cmakeFlags =
      lib.subtractLists unwanted
        (lib.filter (f: !(lib.hasPrefix "-DBUILD_SHARED_LIBS:" f)) old.cmakeFlags)
      ++ lib.mapAttrsToList lib.cmakeBool {
        BUILD_SHARED_LIBS = false;
        GGML_AVX2 = true;
        GGML_FMA = true;
        GGML_F16C = true;
      };
  });
}
