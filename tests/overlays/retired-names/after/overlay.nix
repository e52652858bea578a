self: super: {
  llama-cpp = (super.llama-cpp.override { cudaSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = (old.cmakeFlags or []) ++ [
      "-DGGML_CUDA=ON"
      "-DGGML_NATIVE=OFF"
      "-DGGML_AVX=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
      "-DGGML_F16C=ON"
    ];
  });
}
