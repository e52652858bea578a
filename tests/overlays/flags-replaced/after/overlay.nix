_final: prev: {
  llama-cpp =
    (prev.llama-cpp.override {
      cudaSupport = true;
      cpuArchDynamicDispatch = false;
    }).overrideAttrs
      (old: {
        cmakeFlags = old.cmakeFlags ++ [
          "-DGGML_CUDA=ON"
          "-DCMAKE_CUDA_ARCHITECTURES=86"
          "-DGGML_AVX2=ON"
          "-DGGML_FMA=ON"
        ];
      });
}
