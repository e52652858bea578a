final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_BACKEND_DL=ON"
      "-DGGML_NATIVE=ON"
    ];
  });
}
