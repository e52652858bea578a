# SPDX-License-Identifier: MIT
# A stand-in for nixos-unified: modules of flake-parts that make hosts out of configurations/nixos. Their modules get
# `flake`, which has self, inputs and config. It leaves out Home Manager and macOS.
{
  description = "stand-in for nixos-unified";

  outputs = { self }: {
    # As nixos-flake, which it was called before, has it.
    flakeModule = { inputs, self, config, ... }: {
      flake.nixos-flake.lib.mkLinuxSystem = module: inputs.nixpkgs.lib.nixosSystem {
        specialArgs.flake = { inherit self inputs config; };
        modules = [ module ];
      };
    };
    flakeModules.default = { };
    flakeModules.autoWire = { config, inputs, self, lib, ... }:
      let
        folder = "${self}/configurations/nixos";
        host = file: lib.nameValuePair (lib.removeSuffix ".nix" file) (inputs.nixpkgs.lib.nixosSystem {
          specialArgs.flake = { inherit self inputs config; };
          modules = [ "${folder}/${file}" ];
        });
        overlays = if builtins.pathExists "${self}/overlays" then builtins.readDir "${self}/overlays" else { };
      in
      {
        flake.nixosConfigurations = builtins.listToAttrs (map host (builtins.attrNames (builtins.readDir folder)));
        flake.overlays = lib.mapAttrs (file: kind: import "${self}/overlays/${file}" { flake = { inherit self inputs; }; }) overlays;
      };
  };
}
