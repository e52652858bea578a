{ lib, pkgs, ... }:
{
  imports = [
    ./hardware.nix
    # ./printer.nix
  ];

  environment.systemPackages = with pkgs; [ htop ];
  system.stateVersion = "25.11";
}
