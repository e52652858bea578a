# This function creates a NixOS system.
{ nixpkgs, overlays, inputs }:

name:
{
  system,
  user,
}:

nixpkgs.lib.nixosSystem {
  inherit system;

  modules = [
    # Apply our overlays. They go first so that they are available everywhere.
    { nixpkgs.overlays = overlays; }

    ../machines/${name}.nix
    inputs.home-manager.nixosModules.home-manager
    {
      home-manager.useGlobalPkgs = true;
      home-manager.users.${user} = { };
    }
    {
      nixpkgs.overlays = [
        (import ../overlays/llama-cpp.nix {
          inherit inputs;
          plan = ../llama-fleet/plan + "/${name}.json";
        })
      ];
    }
  ];
}
