{ nixpkgs, ... }:
{
  carbon = nixpkgs.lib.nixosSystem {
    modules = [ ../machines/carbon.nix ];
  };
}
