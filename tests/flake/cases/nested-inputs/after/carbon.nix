{ pkgs, ... }:
{
  nixpkgs.overlays = [ (final: prev: { }) ];
  environment.systemPackages = [
    pkgs.git
    pkgs.vim
    pkgs.llama-cpp-cuda
  ];
}
