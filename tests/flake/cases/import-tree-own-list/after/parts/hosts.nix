{ inputs, lib, ... }:
let
  mkSystem = modules: lib.nixosSystem { inherit modules; };
in
{
  flake.nixosConfigurations = builtins.mapAttrs (name: inputs.nixpkgs.lib.nixosSystem) {
    carbon.modules = [
      ../machines/carbon.nix
    ];
  };
}
