{ pkgs, ... }:
{
  imports = [ ../../services/wiki.nix ];
  networking.hostName = "argon";
  system.stateVersion = "25.05";
}
