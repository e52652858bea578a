{ pkgs, ... }: {
  imports = [ ./overlays.nix ];
  nixpkgs.config.packageOverrides = super: {
    llama-cpp = (super.llama-cpp.override { vulkanSupport = true; }).overrideAttrs (o: {
      cmakeFlags = o.cmakeFlags ++ [ "-DGGML_AVX2=ON" ];
    });
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
