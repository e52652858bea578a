# SPDX-License-Identifier: MIT
{
  description = "The fastest llama.cpp on every machine you own, and proof of it";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      system = "x86_64-linux";
      llama-fleet = nixpkgs.legacyPackages.${system}.callPackage ./nix/package.nix { };
    in
    {
      packages.${system} = { inherit llama-fleet; default = llama-fleet; };
      apps.${system}.default = { type = "app"; program = "${llama-fleet}/bin/llama-fleet"; };

      # The program in your package set. llama.cpp's packages come from lib.overlay: it takes the official flake, and a
      # plan or none: nixpkgs.overlays = [ (llama-fleet.lib.overlay { inherit inputs; }) ]; see doc/overlay.md.
      overlays.default = final: prev: { llama-fleet = final.callPackage ./nix/package.nix { }; };
      lib.overlay = import ./nix/overlay.nix;
    };
}
