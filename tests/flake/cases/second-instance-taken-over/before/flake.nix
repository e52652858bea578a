{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    nixpkgs-unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
  };

  outputs = { nixpkgs, nixpkgs-unstable, ... }@inputs:
    let
      system = "x86_64-linux";
      unstable = import nixpkgs-unstable {
        inherit system;
        config.allowUnfree = true;
      };
      mkHost = name: nixpkgs.lib.nixosSystem {
        inherit system;
        specialArgs = { inherit inputs; pkgsUnstable = unstable; };
        modules = [
          ./${name}.nix
          ./common.nix
          { nixpkgs.overlays = [ (final: prev: { inherit unstable; }) ]; }
        ];
      };
    in
    {
      nixosConfigurations = {
        carbon = mkHost "carbon";
        boron = mkHost "boron";
        helium = mkHost "helium";
      };
    };
}
