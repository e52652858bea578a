final: prev: {
  llama-cpp = (prev.llama-cpp.override { rocmSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGPU_TARGETS=gfx1100" "-DCMAKE_HIP_ARCHITECTURES=gfx1100" "-DGGML_AVX2=ON" ];
  });
}
