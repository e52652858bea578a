{ pkgs, ... }: {
  imports = [ ./overlays.nix ];
  nixpkgs.overlays = [ (final: super: {
    llama-cpp = (super.llama-cpp.override { useVulkan = true; }).overrideAttrs (o: {
      cmakeFlags = o.cmakeFlags ++ [ "-DGGML_AVX2=ON" ];
    });
  }) ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
