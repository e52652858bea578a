{ config, pkgs, ... }:

{
  imports = [ ./hardware-configuration.nix ];

  networking.hostName = "carbon";

  # Never change this.
  system.stateVersion = "24.05";
}
