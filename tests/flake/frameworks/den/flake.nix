# SPDX-License-Identifier: MIT
# A stand-in for den, a module of flake-parts: the hosts of den.hosts.<system>, each with the NixOS module of the aspect
# of its name, which any number of files may add to. It leaves out users, homes and includes.
{
  description = "stand-in for den";

  outputs = { self }: {
    flakeModule = { config, inputs, lib, ... }:
      let
        deferred = { merge = path: values: { imports = values; }; };
        host = name: inputs.nixpkgs.lib.nixosSystem { modules = [ (config.den.aspects.${name}.nixos or { }) ]; };
        names = builtins.concatMap builtins.attrNames (builtins.attrValues config.den.hosts);
      in
      {
        options.den.hosts = lib.mkOption { default = { }; };
        options.den.aspects = lib.mkOption { default = { }; type = lib.types.lazyAttrsOf (lib.types.lazyAttrsOf deferred); };
        config.flake.nixosConfigurations = lib.genAttrs names host;
      };
  };
}
