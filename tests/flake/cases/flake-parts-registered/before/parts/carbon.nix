{
  config,
  inputs,
  withSystem,
  ...
}: {
  flake.modules.nixos.carbon = import ../machines/carbon.nix;

  flake.nixosConfigurations.carbon = withSystem "x86_64-linux" ({system, ...}: let
    common = import ../lib/common.nix {inherit inputs;};
    helper = import ../lib/host.nix {inherit inputs common;};
  in
    helper.mkHost {
      machine = config.flake.modules.nixos.carbon;
      inherit system;
    });
}
