{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { self, nixpkgs, ... }@inputs: let
    lib = nixpkgs.lib.extend (final: prev: import ./lib { inherit inputs; lib = final; });
  in {
    nixosConfigurations.carbon = lib.mkNixos "carbon";
    nixosConfigurations.boron = lib.mkNixos "boron";
  };
}
