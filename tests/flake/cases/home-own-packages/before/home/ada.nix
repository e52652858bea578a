{ pkgs, ... }:
{
  home.packages = with pkgs; [
    git
    llama-cpp
  ];
}
