# SPDX-License-Identifier: MIT
# A folder for `probe --ssh … --send-binary FOLDER/bin`: llama-fleet-probe-x86_64 and llama-fleet-probe-aarch64, both
# static, with musl. The one that is not of this architecture is cross-compiled, so no second machine is needed.
{ pkgs }:
let
  inherit (pkgs.stdenv) hostPlatform;
  native = pkgs.pkgsStatic;
  cross = name: pkgs.pkgsCross.${name}.pkgsStatic;
  probes = {
    x86_64 = if hostPlatform.isx86_64 then native else cross "musl64";
    aarch64 = if hostPlatform.isAarch64 then native else cross "aarch64-multiplatform-musl";
  };
  built = builtins.mapAttrs (name: static: static.callPackage ./probe.nix { }) probes;
in
pkgs.runCommand "llama-fleet-probes-0.1.0"
  {
    inherit (built) x86_64 aarch64;
    passthru = built;
    meta.description = "llama-fleet-probe for x86_64 and aarch64";
  } ''
  mkdir -p "$out/bin"
  ln -s "$x86_64/bin/llama-fleet-probe-x86_64" "$aarch64/bin/llama-fleet-probe-aarch64" "$out/bin"
''
