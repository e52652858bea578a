{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
  };

  outputs = { nixpkgs, home-manager, ... }@inputs:
    let
      mkHost = name: homeModules: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          home-manager.nixosModules.home-manager
          { networking.hostName = name; home-manager.users.ada.imports = homeModules; }
        ];
      };
    in
    {
      nixosConfigurations.carbon = mkHost "carbon" [ ./hosts/carbon/home ];
    };
}
