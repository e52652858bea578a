{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp-src = {
      url = "github:ggml-org/llama.cpp/b6123";
      flake = false;
    };
  };

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./carbon.nix
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inputs.llama-cpp = inputs.llama-cpp-src;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
