# SPDX-License-Identifier: MIT
# A stand-in for lite-config, a module of flake-parts: the hosts of lite-config.hosts, each with the module
# <hostModuleDir>/<host>, which gets `inputs`. It leaves out Home Manager and macOS.
{
  description = "stand-in for lite-config";

  outputs = { self }: {
    flakeModule = { config, inputs, lib, ... }:
      let cfg = config.lite-config; in
      {
        options.lite-config = lib.mkOption {
          default = { };
          type = lib.types.submodule {
            options = {
              hosts = lib.mkOption { default = { }; };
              systemModules = lib.mkOption { default = [ ]; };
              nixpkgs.overlays = lib.mkOption { default = [ ]; };
            };
          };
        };
        config.flake.nixosConfigurations = lib.mapAttrs
          (name: host: inputs.nixpkgs.lib.nixosSystem {
            inherit (host) system;
            specialArgs = { inherit inputs; };
            modules = [
              (cfg.hostModuleDir + "/${name}")
              { nixpkgs.overlays = cfg.nixpkgs.overlays; networking.hostName = name; }
            ] ++ cfg.systemModules;
          })
          (lib.filterAttrs (name: host: lib.hasSuffix "-linux" host.system) cfg.hosts);
      };
  };
}
