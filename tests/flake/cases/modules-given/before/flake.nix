{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      mkSystem =
        system: modules:
        nixpkgs.lib.nixosSystem {
          inherit system modules;
          specialArgs = { inherit inputs; };
        };
    in
    {
      nixosConfigurations = {
        carbon = mkSystem "x86_64-linux" [
          ./hosts/carbon.nix
          { networking.hostName = "carbon-at-home"; }
        ];
        boron = mkSystem "x86_64-linux" [ ./hosts/boron.nix ];
      };
    };
}
