# SPDX-License-Identifier: MIT
# A stand-in for digga: lib.mkFlake with nixos.hosts and hostDefaults; importHosts makes a host of every file of a
# folder. Modules get self and inputs. It leaves out channels, suites, devshells and homes.
{
  description = "stand-in for digga";

  outputs = { self }: {
    lib.importHosts = folder: {
      hosts = builtins.listToAttrs (map
        (file: { name = builtins.replaceStrings [ ".nix" ] [ "" ] file; value.modules = [ (folder + "/${file}") ]; })
        (builtins.attrNames (builtins.readDir folder)));
    };
    lib.mkFlake = { self, inputs, nixos, ... }:
      let
        sets = [ nixos ] ++ (nixos.imports or [ ]);
        all = builtins.foldl'
          (found: set: found // builtins.mapAttrs
            (name: host: { modules = (found.${name}.modules or [ ]) ++ (host.modules or [ ]); })
            (set.hosts or { }))
          { }
          sets;
      in
      {
        nixosConfigurations = builtins.mapAttrs
          (name: host: inputs.nixpkgs.lib.nixosSystem {
            specialArgs = { inherit self inputs; };
            modules = [ { networking.hostName = name; } ] ++ (nixos.hostDefaults.modules or [ ]) ++ host.modules;
          })
          all;
      };
  };
}
