{ pkgs, ... }: {
  environment.systemPackages = [
    (pkgs.llama-cpp.overrideAttrs (old: {
      cmakeFlags = old.cmakeFlags ++ [ "-DLLAMA_CUBLAS=ON" "-DGGML_NATIVE=ON" ];
    }))
  ];
}
