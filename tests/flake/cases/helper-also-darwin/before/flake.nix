{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, darwin, ... }@inputs:
    let
      mkSystem = import ./lib/mksystem.nix { inherit nixpkgs inputs; };
    in
    {
      nixosConfigurations.carbon = mkSystem "carbon" { system = "x86_64-linux"; };
      darwinConfigurations.neon = mkSystem "neon" {
        system = "aarch64-darwin";
        darwin = true;
      };
    };
}
