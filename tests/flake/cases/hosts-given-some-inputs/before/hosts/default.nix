{ nixpkgs, home-manager, user, ... }:

let
  system = "x86_64-linux";
  lib = nixpkgs.lib;
in
{
  carbon = lib.nixosSystem {
    inherit system;
    specialArgs = { inherit user; };
    modules = [
      ./carbon
      home-manager.nixosModules.home-manager
    ];
  };

  boron = lib.nixosSystem {
    inherit system;
    specialArgs = { inherit user; };
    modules = [
      ./boron
    ];
  };
}
