{ inputs, pkgs, ... }:
{
  environment.systemPackages = [
    pkgs.git
    pkgs.llama-cpp-cpu
  ];
}
