{ pkgs, ... }:

{
  environment.systemPackages = with pkgs; [
    git
    vim
    llama-cpp
  ];
}
