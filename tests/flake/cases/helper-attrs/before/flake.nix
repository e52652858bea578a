{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };

  outputs = inputs @ {nixpkgs, ...}: let
    mkSystem = {
      hostname,
      system ? "x86_64-linux",
      modules ? [],
    }:
      nixpkgs.lib.nixosSystem {
        inherit system;
        specialArgs = {inherit inputs;};
        modules =
          [
            {
              networking.hostName = hostname;
              nixpkgs.overlays = [(final: prev: {})];
            }
          ]
          ++ modules;
      };
  in {
    nixosConfigurations.carbon = mkSystem {
      hostname = "carbon";
      modules = [./carbon.nix];
    };
    nixosConfigurations.boron = mkSystem {
      hostname = "boron";
      modules = [./boron.nix];
    };
  };
}
