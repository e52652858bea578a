{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs, ... }@inputs:
    let
      inherit (nixpkgs) lib;
      root = ./.;
      named = name: import ./named/${name}.nix;
    in
    {
      nixosConfigurations.rig = lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./host.nix
          {
            nixpkgs.overlays = [
              (import "${self}/overlays/a.nix")
              (import (self + "/overlays/b.nix"))
              (import (./overlays + "/c.nix"))
              (import "${./.}/overlays/d.nix")
              (import "${inputs.self}/overlays/e.nix")
              (import (lib.path.append ./overlays "f.nix"))
              (import (root + "/overlays/g.nix"))
              (import "${self}/folder")
              (named "h")
            ];
          }
        ];
      };
    };
}
