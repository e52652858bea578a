{ lib, pkgs, sources, ... }:

let
  rev = lib.substring 0 7 sources.nixpkgs.rev;
in
{
  networking.hostName = "carbon";
  nixpkgs.hostPlatform = "x86_64-linux";
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [
    (import ./overlays/llama-cpp.nix {
      inputs = sources;
      plan = ./llama-fleet/plan/desk.json;
    })
  ];

  system.nixos.label = rev;
  environment.systemPackages = with pkgs; [
    git
    llama-cpp-vulkan
  ];
}
