self: super: {
  llama-cpp = (super.llama-cpp.override { cudaSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = (old.cmakeFlags or []) ++ [
      "-DLLAMA_CUBLAS=ON"
      "-DLLAMA_NATIVE=OFF"
      "-DLLAMA_AVX=ON"
      "-DLLAMA_AVX2=ON"
      "-DLLAMA_FMA=ON"
      "-DLLAMA_F16C=ON"
      "-DLLAMA_K_QUANTS=ON"
      "-DLLAMA_CUDA_MMV_Y=2"
      "-DGGML_CUDA_F16=ON"
    ];
  });
}
