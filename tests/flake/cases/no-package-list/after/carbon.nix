{ config, pkgs, ... }:

{
  imports = [ ./hardware-configuration.nix ];

  networking.hostName = "carbon";

  environment.systemPackages = [ pkgs.llama-cpp-cuda ];

  # Never change this.
  system.stateVersion = "24.05";
}
