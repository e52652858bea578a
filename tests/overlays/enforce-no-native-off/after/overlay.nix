final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (attrs: {
    NIX_ENFORCE_NO_NATIVE = 0;
    preferLocalBuild = true;
    allowSubstitutes = false;
  });
}
