{ pkgs, ... }: {
  nixpkgs.config.packageOverrides = super: {
    llama-cpp = super.llama-cpp.override { vulkanSupport = true; };
  };
  services.llama-cpp.enable = true;
}
