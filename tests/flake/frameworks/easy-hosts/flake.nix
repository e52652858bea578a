# SPDX-License-Identifier: MIT
# A stand-in for easy-hosts, a module of flake-parts: the hosts of easy-hosts.hosts and, with autoConstruct, of the
# folders <path>/<system>/<host>. Their modules get inputs and self. It leaves out classes but nixos, and tags.
{
  description = "stand-in for easy-hosts";

  outputs = { self }: {
    flakeModule = { config, inputs, lib, ... }:
      let
        cfg = config.easy-hosts;
        inFolders = lib.optionals cfg.autoConstruct (lib.concatMap
          (group: map (name: { inherit name; value.path = cfg.path + "/${group}/${name}"; })
            (builtins.attrNames (builtins.readDir (cfg.path + "/${group}"))))
          (builtins.attrNames (builtins.readDir cfg.path)));
        host = name: given: inputs.nixpkgs.lib.nixosSystem {
          specialArgs = { inherit inputs; inherit (inputs) self; } // (given.specialArgs or { });
          modules = (if given ? path then [ given.path ] else [ ]) ++ [
            { networking.hostName = lib.mkDefault name; nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux"; }
          ] ++ cfg.shared.modules ++ (given.modules or [ ]);
        };
      in
      {
        options.easy-hosts = {
          autoConstruct = lib.mkOption { default = false; };
          hosts = lib.mkOption { default = { }; };
          shared.modules = lib.mkOption { default = [ ]; };
        };
        config.flake.nixosConfigurations =
          lib.mapAttrs host (lib.recursiveUpdate (builtins.listToAttrs inFolders) cfg.hosts);
      };
  };
}
