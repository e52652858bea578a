{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    (final: prev: { own-tools = [ final.git ]; }) # mine
  ];
  environment.systemPackages = [ pkgs.llama-cpp-cpu ];
}
