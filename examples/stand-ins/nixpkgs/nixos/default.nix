# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): lib.nixosSystem. A system is a folder with the programs of its
# packages; nothing in it boots.
{ lib, nixpkgs }:
{ modules, specialArgs ? { }, system ? null, baseModules ? [ ./llama-cpp.nix ], ... }:
let
  base = { config, pkgs, ... }: {
    options = with lib; {
      assertions = mkOption { default = [ ]; };
      warnings = mkOption { default = [ ]; };
      environment.systemPackages = mkOption { default = [ ]; };
      networking.hostName = mkOption { default = "nixos"; };
      nix.settings = mkOption { default = { }; };
      nixpkgs.config = mkOption { default = { }; };
      nixpkgs.overlays = mkOption { default = [ ]; };
      nixpkgs.hostPlatform = mkOption { default = system; };
      system.activationScripts = mkOption { default = { }; };
      systemd.services = mkOption { default = { }; };
      users.users = mkOption { default = { }; };
    };
    config = {
      _module.args.pkgs = import nixpkgs {
        system = config.nixpkgs.hostPlatform.system or config.nixpkgs.hostPlatform;
        inherit (config.nixpkgs) config overlays;
      };
      system.build.toplevel =
        let
          broken = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
          toplevel = pkgs.runCommand "nixos-system-${config.networking.hostName}-stand-in" {
            packages = config.environment.systemPackages
              ++ lib.concatMap (user: user.packages or [ ]) (builtins.attrValues config.users.users);
            services = lib.mapAttrsToList (name: service: service.serviceConfig.ExecStart or "") config.systemd.services;
          } ''
            mkdir -p "$out/sw/bin"
            echo "$packages $services" > "$out/packages"
            for package in $packages; do
              for program in "$package"/bin/*; do ln -sf "$program" "$out/sw/bin/"; done
            done
          '';
        in
        if broken != [ ] then throw "\nFailed assertions:\n- ${lib.concatStringsSep "\n- " broken}"
        else builtins.foldl' (rest: text: lib.warn text rest) toplevel config.warnings;
    };
  };
  evaluated = lib.evalModules {
    modules = [ base ] ++ baseModules ++ modules;
    specialArgs = { modulesPath = toString ./.; } // specialArgs;
  };
in
evaluated // { inherit (evaluated.config._module.args) pkgs; }
