{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    inputs.emacs.overlay # nightly
  ];
  environment.systemPackages = [ pkgs.llama-cpp-cpu ];
}
