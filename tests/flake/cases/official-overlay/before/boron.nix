{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    inputs.emacs.overlay # nightly
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
