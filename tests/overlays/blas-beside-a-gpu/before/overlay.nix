final: prev: {
  llama-cpp = (prev.llama-cpp.override { vulkanSupport = true; blasSupport = true; });
  llama-cpp-tuned = (prev.llama-cpp.override { rocmSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (o: {
    cmakeFlags = o.cmakeFlags ++ [ "-DGGML_BLAS=ON" "-DGGML_AVX2=ON" ];
  });
}
