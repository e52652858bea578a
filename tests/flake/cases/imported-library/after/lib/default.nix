{ self, nixpkgs, home-manager, ... }:
{
  mkHost = { hostname, system ? "x86_64-linux" }:
    nixpkgs.lib.nixosSystem {
      inherit system;
      modules = [
        "${self}/machines/${hostname}.nix"
        home-manager.nixosModules.home-manager
        { networking.hostName = hostname; }
        {
          nixpkgs.overlays = [
            (import ../overlays/llama-cpp.nix {
              inherit (self) inputs;
              plan = ../llama-fleet/plan + "/${hostname}.json";
            })
          ];
        }
      ];
    };
}
