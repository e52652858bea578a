{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
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
              nixpkgs.overlays = [(final: prev: {}) (overlay-llama-cpp hostname)];
            }
          ]
          ++ modules;
      };
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
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
