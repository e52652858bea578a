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

  outputs = { nixpkgs, ... }@inputs:
    let
      inherit (import ./lib/default.nix { inherit inputs; }) mkHost;
    in
    {
      nixosConfigurations = {
        carbon = mkHost "carbon" [ ./machines/carbon.nix ];
        boron = mkHost "boron" [ ./machines/boron.nix ];
      };
    };
}
