final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    NIX_CXXFLAGS_COMPILE = "-O3 -march=znver3";
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE_AFTER = "-O3";
    };
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
}
