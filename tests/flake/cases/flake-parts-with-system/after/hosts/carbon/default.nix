{ self, withSystem, ... }:
let
  inherit (self.inputs) nixpkgs;
  overlay-llama-cpp = host:
    import ../../overlays/llama-cpp.nix {
      inherit (self) inputs;
      plan = ../../llama-fleet/plan + "/${host}.json";
    };
in
{
  flake.nixosConfigurations.carbon = withSystem "x86_64-linux" ({ system, ... }:
    nixpkgs.lib.nixosSystem {
      inherit system;
      modules = [ ./configuration.nix { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; } ];
    });
}
