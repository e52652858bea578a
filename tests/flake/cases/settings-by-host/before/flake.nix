{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    inputs@{ nixpkgs, ... }:
    let
      mkHost = import ./lib/mk-host.nix inputs;
    in
    {
      nixosConfigurations = nixpkgs.lib.mapAttrs (
        name: settings: mkHost ({ inherit name; } // settings)
      ) (import ./hosts.nix);
    };
}
