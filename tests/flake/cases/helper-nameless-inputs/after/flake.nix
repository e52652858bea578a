{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      mkHost =
        machine:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs; };
          modules = [ machine ./common.nix ];
        };
    in
    {
      nixosConfigurations = {
        boron = mkHost ./boron.nix;
        carbon = mkHost ./carbon.nix;
      };
    };
}
