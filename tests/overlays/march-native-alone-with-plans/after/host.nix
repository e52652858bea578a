{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.llama-cpp-sum ];
}
