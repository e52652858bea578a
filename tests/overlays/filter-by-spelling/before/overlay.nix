final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = builtins.filter (flag: flag != "-DGGML_NATIVE=false") old.cmakeFlags ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
      "-DGGML_F16C=ON"
    ];
  });
}
