{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    nixpkgs-unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
  };
  outputs = { self, nixpkgs, nixpkgs-unstable, ... }:
    let
      system = "x86_64-linux";
      unstable = final: _prev: {
        unstable = import nixpkgs-unstable { inherit system; config.allowUnfree = true; };
      };
    in {
      nixosConfigurations.den = nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [
          { nixpkgs.overlays = [ unstable (import ./llama.nix) ]; }
          ./den.nix
        ];
      };
    };
}
