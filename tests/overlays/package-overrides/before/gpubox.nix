{ inputs, config, pkgs, ... }:
{
  imports = [ ./official.nix ];
  nixpkgs.config = {
    allowUnfree = true;
    packageOverrides = pkgs: {
      llama-cpp = (pkgs.llama-cpp.override { cudaSupport = true; }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" "-DGGML_F16C=ON" ];
      });
    };
  };
  services.llama-cpp.enable = true;
}
