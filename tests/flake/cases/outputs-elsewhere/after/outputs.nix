{ self, nixpkgs, home-manager, llama-cpp }:
{
  nixosConfigurations = {
    carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./machines/carbon.nix
        home-manager.nixosModules.home-manager
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inputs = { inherit llama-cpp; };
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
