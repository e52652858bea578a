{ pkgs, ... }:
{
  nixpkgs.overlays = [ (import ./overlays/llama.nix) ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
