{ nixpkgs, inputs }: {
  carbon = nixpkgs.lib.nixosSystem { modules = [ ./carbon.nix ]; };
}
