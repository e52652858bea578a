final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" ];
  });
}
