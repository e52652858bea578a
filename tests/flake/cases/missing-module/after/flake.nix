{
  description = "one laptop; its hardware file stays at home";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, llama-cpp }: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./hosts/carbon
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inputs = { inherit llama-cpp; };
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
