final: prev: {
  llama-cpp = (prev.llama-cpp.override { rocmSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    env = (old.env or { }) // { NIX_CFLAGS_COMPILE = "-O3"; };
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
  });
}
