# SPDX-License-Identifier: MIT
# A system out of nixpkgs' own module system and the stand-in's packages: the options that modules of this test set, with
# the types that NixOS gives them.
{ lib, nixpkgs, host }:
let
  inherit (lib) mkOption types;
  # As in NixOS: a list where one definition is a list, else all must agree.
  unitOption = lib.mkOptionType {
    name = "systemd option";
    merge = place: definitions:
      if lib.any (d: builtins.isList d.value) definitions then lib.concatMap (d: lib.toList d.value) definitions
      else lib.mergeEqualOption place definitions;
  };
  atom = types.nullOr (types.oneOf [ types.bool types.int types.str types.path ]);
  base = { config, ... }: {
    options = {
      assertions = mkOption { type = types.listOf types.unspecified; default = [ ]; };
      warnings = mkOption { type = types.listOf types.str; default = [ ]; };
      environment.systemPackages = mkOption { type = types.listOf types.package; default = [ ]; };
      networking.hostName = mkOption { type = types.str; default = "nixos"; };
      nixpkgs.config = mkOption { type = types.attrsOf types.unspecified; default = { }; };
      nixpkgs.overlays = mkOption { type = types.listOf types.raw; default = [ ]; };
      nixpkgs.hostPlatform = mkOption { type = types.str; };
      nix.settings = mkOption { type = types.attrsOf (types.either atom (types.listOf atom)); default = { }; };
      system.activationScripts = mkOption {
        default = { };
        type = types.attrsOf (types.either types.str (types.submodule {
          options = {
            text = mkOption { type = types.lines; };
            deps = mkOption { type = types.listOf types.str; default = [ ]; };
            supportsDryActivation = mkOption { type = types.bool; default = false; };
          };
        }));
      };
      systemd.services = mkOption {
        default = { };
        type = types.attrsOf (types.submodule {
          options.serviceConfig = mkOption { type = types.attrsOf unitOption; default = { }; };
          options.environment = mkOption { type = types.attrsOf types.str; default = { }; };
        });
      };
    };
    config._module.args.pkgs = import nixpkgs {
      system = config.nixpkgs.hostPlatform;
      inherit (config.nixpkgs) config;
      overlays = [ (final: prev: { inherit lib; }) ] ++ config.nixpkgs.overlays;
    };
  };
  evaluated = lib.evalModules {
    modules = [ base ] ++ host.baseModules or [ (nixpkgs + "/nixos/llama-cpp.nix") ] ++ host.modules;
  };
in
{
  inherit (evaluated) config;
  inherit (evaluated._module.args) pkgs;
}
