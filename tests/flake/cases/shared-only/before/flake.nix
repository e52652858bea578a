{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };

  outputs = { self, nixpkgs, ... }@inputs:
    let
      overlays = [ (import ./overlays/tools.nix) ];
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        modules = [
          { networking.hostName = "carbon"; }
          ./common.nix
        ];
      };
      nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
        modules = [
          { networking.hostName = "boron"; nixpkgs.overlays = overlays; }
          ./common.nix
        ];
      };
    };
}
