{ nixpkgs, home-manager, user, inputs, ... }:

let
  system = "x86_64-linux";
  lib = nixpkgs.lib;
  overlay-llama-cpp = host:
    import ../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../llama-fleet/plan + "/${host}.json";
    };
in
{
  carbon = lib.nixosSystem {
    inherit system;
    specialArgs = { inherit user; };
    modules = [
      ./carbon
      home-manager.nixosModules.home-manager
      { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
    ];
  };

  boron = lib.nixosSystem {
    inherit system;
    specialArgs = { inherit user; };
    modules = [
      ./boron
      { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
    ];
  };
}
