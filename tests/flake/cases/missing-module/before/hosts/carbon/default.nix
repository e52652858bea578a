{ pkgs, ... }:
{
  imports = [
    ./hardware-configuration.nix # not in git
    ./desktop.nix
  ];

  networking.hostName = "carbon";
  environment.systemPackages = with pkgs; [
    git
    neovim
  ];
}
