{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    llama-cpp = {
      url = "github:ggml-org/llama.cpp";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    { self, nixpkgs, home-manager, ... }@inputs:
    let
      overlays = [ inputs.home-manager.overlays.default ];
      mkSystem = import ./lib/mksystem.nix { inherit overlays nixpkgs inputs; };
    in
    {
      nixosConfigurations.carbon = mkSystem "carbon" {
        system = "x86_64-linux";
        user = "ada";
      };
      nixosConfigurations.boron = mkSystem "boron" {
        system = "aarch64-linux";
        user = "ada";
      };
    };
}
