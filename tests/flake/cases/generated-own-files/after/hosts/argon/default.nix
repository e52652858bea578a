{ pkgs, ... }:
{
  imports = [ ../../services/wiki.nix ];
  networking.hostName = "argon";
  environment.systemPackages = [ pkgs.llama-cpp-vulkan ];
  system.stateVersion = "25.05";
}
