# SPDX-License-Identifier: MIT
# A stand-in for hive: hosts out of <cellsFrom>/<cell>/nixosConfigurations.nix, named "<cell>-<host>", each a module with
# bee.system and bee.pkgs, and nixpkgs.overlays refused. It leaves out other kinds of blocks and std's rearranged inputs.
{
  description = "stand-in for hive";

  outputs = { self }: {
    blockTypes.nixosConfigurations = "nixosConfigurations";

    growOn = { inputs, cellsFrom, cellBlocks, ... }: soil: soil // {
      x86_64-linux = builtins.mapAttrs
        (cell: kind: { nixosConfigurations = import (cellsFrom + "/${cell}/nixosConfigurations.nix") { inherit inputs; cell = { }; }; })
        (builtins.readDir cellsFrom);
    };

    collect = {
      renamer = cell: target: "${cell}-${target}";
      __functor = collect: flake: block:
        let
          inherit (flake.inputs.nixpkgs) lib;
          host = module:
            let
              made = lib.nixosSystem {
                modules = [ module { nixpkgs.hostPlatform = module.bee.system; } ];
                specialArgs.pkgs = module.bee.pkgs;
              };
            in
            if made.config.nixpkgs.overlays != [ ] then throw "nixpkgs.overlays is not supported: set bee.pkgs"
            else made // { inherit (module.bee) pkgs; };
          hosts = cell: lib.mapAttrsToList
            (target: config: lib.nameValuePair (collect.renamer cell target) (host config))
            flake.x86_64-linux.${cell}.${block};
        in
        builtins.listToAttrs (lib.concatMap hosts (builtins.attrNames flake.x86_64-linux));
    };
  };
}
