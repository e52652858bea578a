{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    ik-llama = {
      type = "github";
      owner = "ikawrakow";
      repo = "llama.cpp";
      rev = "0123456789abcdef0123456789abcdef01234567";
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
              inputs.llama-cpp = inputs.ik-llama;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
