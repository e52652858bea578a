{ pkgs, ... }:
{
  networking.hostName = "carbon";
  gaming.enable = false;

  services.openssh.enable = true;

  system.stateVersion = "25.05";
}
