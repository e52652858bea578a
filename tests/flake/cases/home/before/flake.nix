{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, home-manager, ... }@inputs: {
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
        ];
      };
    };
  };
}
