{ pkgs, ... }:

{
  networking.hostName = "boron";

  environment.systemPackages = with pkgs; [ htop llama-cpp-cpu ];
}
