{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = inputs@{ self, nixpkgs, ... }:
    let
      lib = import ./lib inputs;
    in
    {
      nixosConfigurations = {
        carbon = lib.mkHost { hostname = "carbon"; };
        boron = lib.mkHost { hostname = "boron"; };
      };
    };
}
