{
  inputs,
  lib,
  pkgs,
  ...
}: {
  imports = [
    ./locale.nix
    ./users.nix
  ];

  nix.settings.experimental-features = ["nix-command" "flakes"];
  nixpkgs.config.allowUnfree = true;

  environment.systemPackages = with pkgs; [
    curl
    vim
  ];
}
