self: super: {
  llama-cpp = (super.llama-cpp.override { rocmSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (oldAttrs: {
    cmakeFlags = (oldAttrs.nativeBuildInputs or []) ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
}
