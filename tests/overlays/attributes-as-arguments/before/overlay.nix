final: prev: {
  llama-cpp-flags = prev.llama-cpp.override {
    cmakeFlags = [ "-DGGML_AVX2=ON" ];
  };

  llama-cpp-inherited = final.llamaPackages.llama-cpp.override {
    inherit (final.config) cudaSupport;
  };

  llama-cpp-right = prev.llama-cpp.override {
    inherit (final.config) cudaSupport;
  };
}
