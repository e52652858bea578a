{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ai-tools.url = "github:example/ai-tools";
    llama-cpp.follows = "ai-tools/llama-cpp";
  };

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
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
  };
}
