# SPDX-License-Identifier: MIT
# A stand-in for blueprint: hosts out of <prefix>/hosts/<host>/configuration.nix, or what hosts/<host>/default.nix makes
# of { flake, inputs, hostName }. It leaves out everything but NixOS hosts.
{
  description = "stand-in for blueprint";

  outputs = { self }: {
    __functor = self: { inputs, prefix ? null, nixpkgs ? { } }:
      let
        src = if prefix == null then inputs.self else if builtins.isPath prefix then prefix else "${inputs.self}/${prefix}";
        load = hostName:
          let at = src + "/hosts/${hostName}"; in
          if builtins.pathExists (at + "/default.nix")
          then (import (at + "/default.nix") { inherit inputs hostName; flake = inputs.self; }).value
          else inputs.nixpkgs.lib.nixosSystem {
            modules = [ (at + "/configuration.nix") { nixpkgs.overlays = nixpkgs.overlays or [ ]; } ];
            specialArgs = { inherit inputs hostName; flake = inputs.self; self = throw "self was renamed to flake"; };
          };
      in
      { nixosConfigurations = builtins.mapAttrs (name: kind: load name) (builtins.readDir (src + "/hosts")); };
  };
}
