final: prev: {
  # built on the machine itself
  llama-cpp = final.llama-cpp-native;
  llama-cpp-native = prev.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ [ "-DGGML_NATIVE=ON" ]; });
}
