# SPDX-License-Identifier: MIT
# Without flakes: `nix-build -A llama-fleet`, and (import ./. { }).nixosModules.default in a configuration.
{ pkgs ? import <nixpkgs> { } }:
import ./nix/library.nix // { llama-fleet = pkgs.callPackage ./nix/package.nix { }; }
