{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [
        ./hosts/carbon.nix
        ({ pkgs, ... }: {
          nixpkgs.overlays = [
            # faster on the GPU
            inputs.nix-vscode.overlays.default
            (import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        })
      ];
    };
  };
}
