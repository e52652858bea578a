# SPDX-License-Identifier: MIT
# A stand-in for Home Manager: the NixOS module with users, useGlobalPkgs, useUserPackages and home.packages, and
# lib.homeManagerConfiguration for homes on their own. Any other option may be set and does nothing.
{
  description = "stand-in for Home Manager";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      # What every home has. Its packages are `pkgs`, or its own of the same nixpkgs, on top of what is `given`.
      home = { pkgs, ownPkgs, given ? { config = { }; overlays = [ ]; } }: { config, lib, ... }: {
        options = with lib; {
          assertions = mkOption { default = [ ]; };
          home.packages = mkOption { default = [ ]; };
          home.activation = mkOption { default = { }; };
          nixpkgs.config = mkOption { default = { }; };
          nixpkgs.overlays = mkOption { default = [ ]; };
        };
        config._module.args.pkgs =
          if !ownPkgs then pkgs
          else import pkgs.path {
            inherit (pkgs.stdenv.hostPlatform) system;
            config = given.config // config.nixpkgs.config;
            overlays = given.overlays ++ config.nixpkgs.overlays;
          };
      };
      activation = pkgs: name: config:
        let broken = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions); in
        if broken != [ ] then throw "\nFailed assertions:\n- ${pkgs.lib.concatStringsSep "\n- " broken}"
        else pkgs.runCommand "home-manager-${name}-stand-in" { inherit (config.home) packages; } ''
          mkdir -p "$out"
          echo "$packages" > "$out/packages"
        '';
    in
    {
      lib.homeManagerConfiguration = { pkgs, modules, extraSpecialArgs ? { } }:
        let
          evaluated = pkgs.lib.evalModules {
            # As in Home Manager: the configuration and the overlays of the pkgs that it is called with hold.
            modules = [ (home { inherit pkgs; ownPkgs = true; given = { inherit (pkgs) config overlays; }; }) ] ++ modules;
            specialArgs = extraSpecialArgs;
          };
        in
        evaluated // { activationPackage = activation pkgs "home" evaluated.config; };

      nixosModules.home-manager = { config, lib, pkgs, ... }:
        let cfg = config.home-manager; in
        {
          options.home-manager = {
            useGlobalPkgs = lib.mkOption { default = false; };
            useUserPackages = lib.mkOption { default = false; };
            extraSpecialArgs = lib.mkOption { default = { }; };
            sharedModules = lib.mkOption { default = [ ]; };
            users = lib.mkOption {
              default = { };
              type = lib.types.attrsOf (lib.types.submoduleWith {
                modules = [ (home { inherit pkgs; ownPkgs = !cfg.useGlobalPkgs; }) ] ++ cfg.sharedModules;
                specialArgs = { inherit lib; osConfig = config; } // cfg.extraSpecialArgs;
              });
            };
          };
          config = {
            assertions = lib.concatMap
              (name: map (a: a // { message = "${name} profile: ${a.message}"; }) cfg.users.${name}.assertions)
              (builtins.attrNames cfg.users);
            users.users = lib.mapAttrs
              (name: user: { packages = lib.optionals cfg.useUserPackages user.home.packages; })
              cfg.users;
            systemd.services = lib.mapAttrs'
              (name: user: lib.nameValuePair "home-manager-${name}" {
                serviceConfig.ExecStart = "${activation pkgs name user}";
              })
              cfg.users;
          };
        };
      nixosModules.default = self.nixosModules.home-manager;
    };
}
