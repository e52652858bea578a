{
  inputs = {
    nixpkgs-unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixpkgs-2511.url = "github:NixOS/nixpkgs/nixos-25.11";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs-unstable";
  };

  outputs = { self, ... }@inputs: {
    nixosConfigurations."carbon" = inputs.nixpkgs-unstable.lib.nixosSystem {
      modules = [
        ./carbon.nix
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
    nixosConfigurations.router = inputs.nixpkgs-unstable.lib.nixosSystem {
      modules = [ ./router.nix ];
    };
  };
}
