# The big one.
{ pkgs, ... }:
{
  networking.hostName = "carbon";
  environment.systemPackages = [ pkgs.llama-cpp-cuda ];
}
