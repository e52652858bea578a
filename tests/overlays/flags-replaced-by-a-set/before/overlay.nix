self: super: {
  llama-cpp = (super.llama-cpp.override { cpuArchDynamicDispatch = false; vulkanSupport = true; }).overrideAttrs {
    cmakeFlags = [ "-DGGML_VULKAN=ON" "-DGGML_AVX2=ON" "-DGGML_FMA=ON" "-DGGML_F16C=ON" ];
  };
}
