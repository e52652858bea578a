final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (attrs: {
    env = attrs.env or { } // { NIX_ENFORCE_NO_NATIVE = "0"; };
    cmakeFlags = attrs.cmakeFlags ++ [ (prev.lib.cmakeBool "GGML_NATIVE" true) ];
  });
}
