{ inputs, withSystem, ... }: {
  flake.nixosConfigurations.boron = withSystem "x86_64-linux" ({ self', ... }:
    inputs.nixpkgs.lib.nixosSystem {
      modules = [
        ./configuration.nix
        {
          nixpkgs.overlays = [
            (import ../../overlays/llama-cpp.nix {
              inherit inputs;
              plan = ../../llama-fleet/plan/boron.json;
            })
          ];
        }
      ];
    });
}
