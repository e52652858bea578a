{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.ik-llama-cpp ];
}
