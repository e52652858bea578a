{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs@{ nixpkgs, ... }: with nixpkgs.lib; rec {
    machine = "carbon";
    nixosConfigurations.carbon = nixosSystem rec {
      system = "x86_64-linux";
      modules = [
        ./carbon.nix
        { networking.hostName = machine; }
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
