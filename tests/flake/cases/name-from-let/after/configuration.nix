{ pkgs, hostname, ... }:
{
  networking.hostName = hostname;
  environment.systemPackages = with pkgs; [ git vim llama-cpp-cuda ];
}
