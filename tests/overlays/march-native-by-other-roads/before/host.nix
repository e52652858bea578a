{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.llama-cpp-flags ];
}
