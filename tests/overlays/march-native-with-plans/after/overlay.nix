final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    NIX_CFLAGS_COMPILE = "-O3";
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AMX_BF16=ON"
      "-DGGML_AMX_INT8=ON"
      "-DGGML_AMX_TILE=ON"
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_AVX512=ON"
      "-DGGML_AVX512_BF16=ON"
      "-DGGML_AVX512_VBMI=ON"
      "-DGGML_AVX512_VNNI=ON"
      "-DGGML_AVX_VNNI=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_F16C=ON"
      "-DGGML_FMA=ON"
      "-DGGML_SSE42=ON"
    ];
  });
}
