{ self, withSystem, ... }:
let
  inherit (self.inputs) nixpkgs;
in
{
  flake.nixosConfigurations.carbon = withSystem "x86_64-linux" ({ system, ... }:
    nixpkgs.lib.nixosSystem {
      inherit system;
      modules = [ ./configuration.nix ];
    });
}
