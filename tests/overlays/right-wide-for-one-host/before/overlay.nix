final: prev:
let
  base = prev.llama-cpp.override { cpuArchDynamicDispatch = false; };
in
{
  llama-cpp = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_AVX512=ON"
    ];
  });
}
