final: prev: {
  llama-cpp-native = prev.llama-cpp.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_NATIVE=ON" ];
  });
}
