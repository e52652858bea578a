final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DCMAKE_C_FLAGS=-march=znver4"
      "-DCMAKE_CXX_FLAGS=-march=znver4"
    ];
  });
}
