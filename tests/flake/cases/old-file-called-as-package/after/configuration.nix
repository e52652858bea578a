{ pkgs, ... }:
{
  networking.hostName = "carbon";
  environment.systemPackages = with pkgs; [ git llama-cpp-cuda ];
}
