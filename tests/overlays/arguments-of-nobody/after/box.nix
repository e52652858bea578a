{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  environment.systemPackages = [
    (pkgs.llama-cpp.override {
      cudaSupport = true;
      blasSupport = false;
      vulkanSupport = true;
    })
  ];
}
