{ pkgs, inputs, flake, ... }:
{
  imports = [ ./hardware.nix flake.nixosModules.base or { } ];
  environment.systemPackages = [ pkgs.git ];
}
