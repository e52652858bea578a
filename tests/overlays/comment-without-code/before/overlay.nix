self: super: {
  # Disable nix's native stripping (NIX_ENFORCE_NO_NATIVE=0), so we get AVX512
  llama-cpp = super.llama-cpp.overrideAttrs (o: {
    cmakeFlags = o.cmakeFlags ++ [ "-DGGML_NATIVE=ON" ];
  });
}
