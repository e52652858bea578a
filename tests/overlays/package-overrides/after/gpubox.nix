{ inputs, config, pkgs, ... }:
{
  imports = [ ./official.nix ];
  nixpkgs.config = {
    allowUnfree = true;
  };
  nixpkgs.overlays = [ (final: pkgs: {
    llama-cpp = (pkgs.llama-cpp.override { useCuda = true; }).overrideAttrs (old: {
      cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" "-DGGML_F16C=ON" ];
    });
  }) ];
  services.llama-cpp.enable = true;
}
