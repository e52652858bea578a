# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see flake.nix): `import <nixpkgs> { system, config, overlays }`.
{ system ? builtins.currentSystem, config ? { }, overlays ? [ ] }:
let
  lib = import ./lib;
  all = {
    cudaSupport = false;
    rocmSupport = false;
    allowAliases = true;
    allowBroken = false;
    allowUnfree = false;
    allowUnsupportedSystem = false;
  } // config;
  base = final: import ./pkgs { inherit lib system final; config = all; } // { inherit overlays; };
  # As in nixpkgs: before all overlays.
  packageOverrides = final: all.packageOverrides or (prev: { });
in
lib.fix (builtins.foldl' (rest: overlay: lib.extends overlay rest) base ([ packageOverrides ] ++ overlays))
