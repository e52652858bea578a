{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, ... }@inputs:
    let
      lib = nixpkgs.lib;
      names = [ "carbon" "boron" ];
      mk = name: {
        ${name} = lib.nixosSystem {
          modules = [ ./machines/${name}.nix ];
        };
      };
    in
    {
      nixosConfigurations = lib.foldl' (all: name: all // mk name) { } names;
    };
}
