{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: { own-tools = [ final.git ]; }) # mine
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
