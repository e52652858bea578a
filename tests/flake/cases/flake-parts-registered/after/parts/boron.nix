{
  config,
  inputs,
  withSystem,
  ...
}: {
  flake.modules.nixos.boron = import ../machines/boron.nix;

  flake.nixosConfigurations.boron = withSystem "x86_64-linux" ({system, ...}: let
    common = import ../lib/common.nix {inherit inputs;};
    helper = import ../lib/host.nix {inherit inputs common;};
  in
    helper.mkHost {
      machine = config.flake.modules.nixos.boron;
      inherit system;
    });
}
