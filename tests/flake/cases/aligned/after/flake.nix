{
  inputs = {
    nixpkgs.url                             = "github:NixOS/nixpkgs/nixos-unstable";
    nixos-hardware.url                      = "github:NixOS/nixos-hardware";
    home-manager.url                        = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows     = "nixpkgs";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = inputs @ {nixpkgs, ...}: {
    nixosConfigurations = {
      carbon = nixpkgs.lib.nixosSystem {
        system  = "x86_64-linux";
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
  };
}
