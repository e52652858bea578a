final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    env = (old.env or { }) // { NIX_ENFORCE_NO_NATIVE = "0"; };
    preferLocalBuild = true;
    allowSubstitutes = false;
    cmakeFlags = old.cmakeFlags ++ [ (final.lib.cmakeBool "GGML_NATIVE" true) ];
  });
}
