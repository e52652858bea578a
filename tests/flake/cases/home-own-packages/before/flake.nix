{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, home-manager, ... }@inputs:
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./argon.nix
            home-manager.nixosModules.home-manager
            {
              nixpkgs.overlays = [ ];
              home-manager.useGlobalPkgs = false;
              home-manager.users.ada = import ./home/ada.nix;
            }
          ];
        };

        boron = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./boron.nix
            home-manager.nixosModules.default
          ];
        };
      };
    };
}
