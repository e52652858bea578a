self: super: {
  # fast!
  llama-cpp = (super.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (o: {
    cmakeFlags = o.cmakeFlags ++ [
      "-DGGML_NATIVE=OFF"
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_AVX512=ON"
      "-DGGML_AVX512_BF16=ON"
      "-DGGML_AVX512_VBMI=ON"
      "-DGGML_AVX512_VNNI=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_F16C=ON"
      "-DGGML_FMA=ON"
      "-DGGML_SSE42=ON"
    ];
  });
}
