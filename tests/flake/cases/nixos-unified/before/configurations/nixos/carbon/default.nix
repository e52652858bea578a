{ flake, pkgs, ... }:
let
  inherit (flake) inputs;
in
{
  imports = [
    ./configuration.nix # what nixos-generate-config wrote
  ];
}
