{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    htop
    llama-cpp-cpu
  ];
}
