final: prev:
let
  base = prev.llama-cpp.override { cpuArchDynamicDispatch = false; };
in
{
  llama-cpp = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DLLAMA_NATIVE=ON"
      "-DGGML_AVX2=ON"
    ];
  });

  llama-cpp-off = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DLLAMA_NATIVE=OFF"
      "-DGGML_AVX2=ON"
    ];
  });

  llama-cpp-rpc = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DLLAMA_RPC=ON"
      "-DGGML_AVX2=ON"
    ];
  });
}
