# SPDX-License-Identifier: MIT
# A stand-in for ez-configs, a module of flake-parts: hosts out of <root>/nixos-configurations. Their modules get what
# ezConfigs.globalArgs has, and nothing else. It leaves out Home Manager and macOS.
{
  description = "stand-in for ez-configs";

  outputs = { self }: {
    flakeModule = { config, inputs, lib, ... }:
      let
        cfg = config.ezConfigs;
        folder = cfg.root + "/nixos-configurations";
        host = file: lib.nameValuePair (lib.removeSuffix ".nix" file) (inputs.nixpkgs.lib.nixosSystem {
          specialArgs = cfg.globalArgs // { ezModules = { }; };
          modules = [ (folder + "/${file}") { networking.hostName = lib.mkDefault (lib.removeSuffix ".nix" file); } ];
        });
      in
      {
        options.ezConfigs.globalArgs = lib.mkOption { default = { }; };
        config.flake.nixosConfigurations = builtins.listToAttrs (map host (builtins.attrNames (builtins.readDir folder)));
      };
  };
}
