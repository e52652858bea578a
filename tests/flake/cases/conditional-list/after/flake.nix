{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        specialArgs = { inherit inputs; };
        modules = [
          ./hosts/carbon.nix
          ./modules/gaming.nix
          ./modules/jail.nix
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
