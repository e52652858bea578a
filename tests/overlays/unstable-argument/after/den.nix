{ pkgs, pkgs-unstable, ... }: {
  environment.systemPackages = [
    pkgs.vim
    pkgs.llama-cpp
  ];
}
