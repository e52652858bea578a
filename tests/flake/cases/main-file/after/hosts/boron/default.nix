{ config, lib, pkgs, ... }:
{
  imports = [ ./cifs.nix ];

  networking.hostName = "boron";

  environment.systemPackages = [ pkgs.llama-cpp-cpu ];

  system.stateVersion = "25.05";
}
