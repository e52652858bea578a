final: prev: {
  llama-cpp = (prev.llama-cpp.override {
    rocmSupport = true;
    cpuArchDynamicDispatch = false;
  }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DCMAKE_HIP_ARCHITECTURES=gfx1103"
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
}
