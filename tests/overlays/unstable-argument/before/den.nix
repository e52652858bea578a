{ pkgs, pkgs-unstable, ... }: {
  environment.systemPackages = [
    pkgs.vim
    pkgs-unstable.llama-cpp
  ];
}
