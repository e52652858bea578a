final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    npmDeps = null;
    nativeBuildInputs = prev.lib.filter (x: x.pname or "" != "npm-config-hook") old.nativeBuildInputs;
    cmakeFlags = old.cmakeFlags ++ [ (prev.lib.cmakeBool "LLAMA_BUILD_UI" false) ];
  });
}
