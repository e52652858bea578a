{ inputs, pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  environment.systemPackages = [
    inputs.llama-cpp.packages.${pkgs.system}.cuda
  ];
}
