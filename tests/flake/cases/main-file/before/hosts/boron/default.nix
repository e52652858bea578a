{ config, lib, ... }:
{
  imports = [ ./cifs.nix ];

  networking.hostName = "boron";

  system.stateVersion = "25.05";
}
