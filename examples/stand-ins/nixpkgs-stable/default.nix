# SPDX-License-Identifier: MIT
# Part of the stand-in for a stable nixpkgs (see flake.nix).
{ system ? builtins.currentSystem, config ? { }, overlays ? [ ] }:
let
  program = name: derivation {
    inherit system;
    name = "${name}-stable";
    builder = "/bin/sh";
    args = [ "-c" ''
      PATH=/usr/bin:/bin:/run/current-system/sw/bin
      mkdir -p "$out/bin"
      printf '#!/bin/sh\necho "stand-in ${name}: $*"\n' > "$out/bin/${name}"
      chmod +x "$out/bin/${name}"
    '' ];
    preferLocalBuild = true;
    allowSubstitutes = false;
  };
in
builtins.listToAttrs (map (name: { inherit name; value = program name; })
  [ "firefox" "git" "hello" "libreoffice" "llama-cpp" ])
// { postgresql_16 = program "postgresql"; inherit config; }
