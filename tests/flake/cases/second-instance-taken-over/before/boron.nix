{ inputs, pkgs, ... }:
{
  environment.systemPackages = [
    pkgs.git
    inputs.nixpkgs-unstable.legacyPackages.${pkgs.system}.llama-cpp
  ];
}
