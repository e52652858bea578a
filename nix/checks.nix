# SPDX-License-Identifier: MIT
# `nix flake check`, for the inputs that the flake has. ./test does far more, with stand-ins for the others.
{ pkgs, nixpkgs, self }:
let
  inherit (pkgs) lib;
  inherit (pkgs.stdenv.hostPlatform) system;

  # The starter fleet on this nixpkgs; on its llama-cpp too, because the official flake is no input here.
  starter = (import ../templates/fleet/flake.nix).outputs {
    inherit nixpkgs;
    self = throw "the starter fleet does not look at itself";
    llama-cpp = throw "source is nixpkgs";
    llama-fleet = self;
  };
  fromNixpkgs = host: host.extendModules { modules = [ { programs.llama-fleet.source = "nixpkgs"; } ]; };
  summary = name: host:
    let
      inherit (fromNixpkgs host) config;
      # Others may fail: the starter has no disks. A message is only there to be read when its assertion fails.
      failed = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
      package = config.programs.llama-fleet.package;
    in
    assert !(lib.any (lib.hasPrefix "llama-fleet") failed);
    assert config.services.llama-cpp.package.drvPath == package.drvPath;
    "${name}: ${package.name} ${toString package.cmakeFlags}";
in
{
  inherit (self.packages.${system}) llama-fleet;

  # Rendered with the lib that the page is rendered with, because types are called differently from release to release.
  options = pkgs.runCommand "llama-fleet-options" {
    kept = ../doc/options.md;
    page = import ../tools/options-doc.nix { lib = import ../examples/stand-ins/nixpkgs/lib; modules = ./.; };
  } ''
    printf %s "$page" | cmp - "$kept"
    cp "$kept" "$out"
  '';

  starter = pkgs.writeText "llama-fleet-starter" (builtins.unsafeDiscardStringContext
    (lib.concatStringsSep "\n" (lib.mapAttrsToList summary starter.nixosConfigurations)));
}
