{ pkgs, ... }:
{
  networking.hostName = "carbon";
  environment.systemPackages = with pkgs; [
    git
    htop
    llama-cpp-cuda
  ];
}
