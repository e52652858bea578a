{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, home-manager, ... }@inputs: let
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations = {
      carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./carbon.nix
          home-manager.nixosModules.home-manager
          {
            home-manager.useGlobalPkgs = true;
            home-manager.users.ada.imports = [ ./home/carbon.nix ];
          }
          { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
        ];
      };
      boron = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./boron.nix
          home-manager.nixosModules.home-manager
          {
            home-manager = {
              useGlobalPkgs = true;
              users.ada = import ./home/common.nix;
            };
          }
          { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
        ];
      };
    };
  };
}
