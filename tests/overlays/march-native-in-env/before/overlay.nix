final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    # the wrapper strips -march=native from cmake, but not from here
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = toString [ (old.env.NIX_CFLAGS_COMPILE or "") "-O3" "-march=native" "-mtune=native" ];
    };
  });
}
