final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_BIN_INSTALL_DIR=bin"
      "-DGGML_BUILD_COMMIT=abcdef0"
      "-DGGML_BUILD_NUMBER=1"
      "-DGGML_CCACHE_VARIANT=sccache"
      "-DGGML_INCLUDE_INSTALL_DIR=include"
      "-DGGML_LIB_INSTALL_DIR=lib"
      "-DGGML_NO_ACCELERATE=ON"
      "-DGGML_OPENCL_USE_ADRENO_BIN_KERNELS=ON"
      "-DGGML_OPENMP_ROOT=/x"
      "-DLLAMA_BIN_INSTALL_DIR=bin"
      "-DLLAMA_BUILD_BORINGSSL=OFF"
      "-DLLAMA_BUILD_LIBRESSL=OFF"
      "-DLLAMA_INSTALL_VERSION=1"
    ];
  });
}
