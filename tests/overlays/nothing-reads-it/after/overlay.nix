final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    env = (old.env or { }) // {
    };
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
}
