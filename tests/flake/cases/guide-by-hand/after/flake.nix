{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixpkgs-stable.url = "github:NixOS/nixpkgs/nixos-25.11";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    # Follow nixpkgs to avoid version mismatches
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, ... }@inputs: let
    inherit (self) outputs;
    overlay-stable = final: prev: {
      stable = import inputs.nixpkgs-stable {
        system = final.system;
        config.allowUnfree = true;
      };
    };
    overlay-llama-cpp = host:
      import ./nixos/overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      specialArgs = { inherit inputs outputs; };
      modules = [
        ({
          config,
          pkgs,
          ...
        }: {
          nixpkgs.overlays = [
            overlay-stable
            # Add this
            (overlay-llama-cpp "carbon")
          ];
        })
        ./machines/carbon.nix
      ];
    };
    nixosConfigurations.boron = inputs.nixpkgs.lib.nixosSystem {
      specialArgs = { inherit inputs outputs; };
      modules = [
        { nixpkgs.overlays = [ overlay-stable (overlay-llama-cpp "boron") ]; }
        ./machines/boron.nix
      ];
    };
  };
}
