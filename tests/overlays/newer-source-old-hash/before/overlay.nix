final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: rec {
    version = "9000";
    src = final.fetchFromGitHub {
      owner = "ggml-org";
      repo = "llama.cpp";
      tag = "b${version}";
      hash = final.lib.fakeHash;
    };
  });
}
