{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
    htop
    llama-cpp-cuda
  ];
}
