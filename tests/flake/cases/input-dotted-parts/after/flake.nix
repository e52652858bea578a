{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama.type = "github";
  inputs.llama.owner = "ggerganov";
  inputs.llama.repo = "llama.cpp";
  inputs.llama.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./carbon.nix
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inputs.llama-cpp = inputs.llama;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
