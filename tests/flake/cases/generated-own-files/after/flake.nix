{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, llama-cpp }@inputs: {
    nixosConfigurations = nixpkgs.lib.genAttrs [ "argon" "boron" ] (host:
      nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit inputs; };
        modules = [
          ./hosts/${host}
          {
            nixpkgs.overlays = [
              (import ./overlays/llama-cpp.nix {
                inherit inputs;
                plan = ./llama-fleet/plan + "/${host}.json";
              })
            ];
          }
        ];
      });
  };
}
