final: prev: {
  llama-cpp = (prev.llama-cpp.override { vulkanSupport = true; blasSupport = false; });
  llama-cpp-tuned = (prev.llama-cpp.override { rocmSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (o: {
    cmakeFlags = o.cmakeFlags ++ [ "-DGGML_BLAS=OFF" "-DGGML_AVX2=ON" ];
  });
}
