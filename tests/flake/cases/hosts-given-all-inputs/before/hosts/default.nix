{
  nixpkgs,
  home-manager,
  ...
}:
{
  carbon = nixpkgs.lib.nixosSystem {
    modules = [
      ../machines/carbon.nix
      home-manager.nixosModules.home-manager
    ];
  };
}
