# The rack.
{ pkgs, ... }:

{
  networking.hostName = "boron";

  nixpkgs.config.allowUnfree = true;

  environment.systemPackages = with pkgs; [
    htop
  ];

  system.stateVersion = "25.05";
}
