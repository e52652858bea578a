# SPDX-License-Identifier: MIT
# Without flakes: `nix-build -A llama-fleet` (or probes), `nix-shell -A shell`, and (import ./. { }).nixosModules.default in a
# configuration. What only flakes have a use for is left out: the template (copy templates/fleet) and `checks`, which look
# at the flake itself (./test is run on any system).
{ pkgs ? import <nixpkgs> { } }:
let
  llama-fleet = pkgs.callPackage ./nix/package.nix { };
in
import ./nix/library.nix // {
  inherit llama-fleet;
  probes = import ./nix/probes.nix { inherit pkgs; };
  shell = import ./nix/shell.nix { inherit pkgs llama-fleet; };
}
