{ lib, pkgs, ... }: {
  imports = [ ./unfree.nix ];
  # allowUnfreePredicate is in unfree.nix
  environment.systemPackages = [ pkgs.git ];
}
