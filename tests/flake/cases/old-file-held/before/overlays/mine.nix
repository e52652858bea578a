# Held at b9724: later ones break my model.
# Do not move!
final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: rec {
    version = "9724";
    # from a friend
    patches = old.patches or [ ] ++ [ ./fix.patch ];
    src = prev.fetchFromGitHub {
      owner = "ggml-org";
      repo = "llama.cpp";
      tag = "b${version}";
      hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    };
    cmakeFlags = old.cmakeFlags ++ [ "-DLLAMA_CUBLAS=ON" ];
  });
}
