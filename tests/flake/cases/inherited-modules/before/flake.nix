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
      mkNixos = name: modules:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          inherit modules;
          specialArgs = { inherit inputs name; };
        };
    in
    {
      nixosConfigurations = {
        carbon = mkNixos "carbon" [ ./machines/carbon.nix ];
        boron = mkNixos "boron" [ ./machines/boron.nix ];
      };
    };
}
