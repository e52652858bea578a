{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    emacs-overlay.url = "github:nix-community/emacs-overlay";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, ... }@inputs:
    let
      mkServer =
        folder:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs; };
          modules = [
            ./modules/base.nix
            (./machines + "/${folder}/configuration.nix")
          ];
        };
    in
    {
      nixosConfigurations = {
        desk = mkServer "carbon";
        rack = mkServer "boron";
        attic = mkServer "helium";
      };
    };
}
