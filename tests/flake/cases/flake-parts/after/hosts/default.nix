{ inputs, ... }:
{
  flake.nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
    modules = [ ./carbon.nix ];
  };
}
