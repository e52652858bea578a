# SPDX-License-Identifier: MIT
# A stand-in for Home Manager: the NixOS module with users, useGlobalPkgs, useUserPackages and home.packages. Any other
# option may be set and does nothing; standalone homes and a set of packages of its own (useGlobalPkgs = false) are left
# out.
{
  description = "stand-in for Home Manager";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }: {
    nixosModules.home-manager = { config, lib, pkgs, ... }:
      let
        cfg = config.home-manager;
        home = {
          options.home.packages = lib.mkOption { default = [ ]; };
        };
        activation = name: user: pkgs.runCommand "home-manager-${name}-stand-in" { packages = user.home.packages; } ''
          mkdir -p "$out"
          echo "$packages" > "$out/packages"
        '';
      in
      {
        options.home-manager = {
          useGlobalPkgs = lib.mkOption { default = false; };
          useUserPackages = lib.mkOption { default = false; };
          extraSpecialArgs = lib.mkOption { default = { }; };
          users = lib.mkOption {
            default = { };
            type = lib.types.attrsOf (lib.types.submoduleWith {
              modules = [ home ];
              specialArgs = { inherit lib pkgs; osConfig = config; } // cfg.extraSpecialArgs;
            });
          };
        };
        config = {
          users.users = lib.mapAttrs
            (name: user: { packages = lib.optionals cfg.useUserPackages user.home.packages; })
            cfg.users;
          systemd.services = lib.mapAttrs'
            (name: user: lib.nameValuePair "home-manager-${name}" { serviceConfig.ExecStart = "${activation name user}"; })
            cfg.users;
        };
      };
    nixosModules.default = self.nixosModules.home-manager;
  };
}
