# SPDX-License-Identifier: MIT
# nix-build, without flakes.
{ pkgs ? import <nixpkgs> { } }:
pkgs.callPackage ./nix/package.nix { }
