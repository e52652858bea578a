final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (_: {
    npmDepsHash = "sha256-CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC=";
  });
}
