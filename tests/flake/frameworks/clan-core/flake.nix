# SPDX-License-Identifier: MIT
# A stand-in for clan-core: lib.clan, and the same as a module of flake-parts. Machines are folders of machines/ and
# the names of `machines`. Their modules get clan-core and self, and inputs only if the owner's specialArgs have them.
{
  description = "stand-in for clan-core";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      make = nixpkgs: { self, machines ? { }, specialArgs ? { }, directory ? self, ... }:
        let
          folder = "${toString directory}/machines";
          inFolder = if builtins.pathExists folder then builtins.readDir folder else { };
          machine = name: kind:
            let
              files = map (file: "${folder}/${name}/${file}.nix") [ "configuration" "hardware-configuration" ];
            in
            nixpkgs.lib.nixosSystem {
              specialArgs = { clan-core = { }; inherit self; } // specialArgs;
              modules = [ { networking.hostName = name; } (machines.${name} or { }) ]
                ++ builtins.filter builtins.pathExists files;
            };
        in
        { nixosConfigurations = builtins.mapAttrs machine (inFolder // machines); };
      clan = given: let made = make given.self.inputs.nixpkgs given; in made // { config = made; };
    in
    {
      lib = { inherit clan; };
      flakeModules.default = { config, inputs, self, lib, ... }: {
        options.clan = lib.mkOption { default = { }; };
        config.flake = make inputs.nixpkgs ({ inherit self; } // config.clan);
      };
    };
}
