{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, home-manager, llama-cpp, ... }: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      modules = [
        ./carbon.nix
        home-manager.nixosModules.home-manager
        { home-manager.users.ada = ./home.nix; }
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
