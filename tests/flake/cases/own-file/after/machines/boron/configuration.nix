# The rack.
{ pkgs, inputs, ... }:

{
  networking.hostName = "boron";

  nixpkgs.config.allowUnfree = true;

  nixpkgs.overlays = [
    (import ../../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../../llama-fleet/plan/rack.json;
    })
  ];

  environment.systemPackages = with pkgs; [
    htop
    llama-cpp-vulkan
  ];

  system.stateVersion = "25.05";
}
