# SPDX-License-Identifier: MIT
# `import <nixpkgs> { system, config, overlays }` with a compiler (see flake.nix).
{ system ? builtins.currentSystem, config ? { }, overlays ? [ ] }:
import ./base { inherit system config; overlays = [ (import ./compiled.nix) ] ++ overlays; }
