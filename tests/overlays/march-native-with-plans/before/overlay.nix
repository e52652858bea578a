final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    NIX_CFLAGS_COMPILE = "-O3 -march=native";
    cmakeFlags = old.cmakeFlags ++ [
      "-DLLAMA_CURL=ON"
    ];
  });
}
