{ inputs, config, lib, ... }:
{
  flake.nixosConfigurations = lib.genAttrs [ "carbon" ] (name: inputs.nixpkgs.lib.nixosSystem {
    modules = [ config.flake.modules.nixos."hosts/${name}" ];
  });
}
