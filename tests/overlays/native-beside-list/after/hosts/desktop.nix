{ pkgs, lib, ... }:
{
  nixpkgs.overlays = [ (import ../pkgs/llama.nix) ];
  environment.systemPackages = with pkgs; [
    git
    htop
    llama-cpp
  ];
}
