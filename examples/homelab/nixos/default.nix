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

  nixpkgs.overlays = [
    (import ./pkgs/llama-cpp-variants.nix {inherit inputs;})
  ];

  environment.systemPackages = with pkgs; [
    curl
    vim
  ];
}
