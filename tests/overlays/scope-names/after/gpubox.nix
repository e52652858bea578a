{ inputs, pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [ (import ./llama.nix inputs) ];
  environment.systemPackages = [ pkgs.llama-cpp-fast ];
}
