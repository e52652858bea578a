{
  config,
  inputs,
  pkgs,
  ...
}:

{
  imports = [ ./hardware-configuration.nix ];

  networking.hostName = "carbon";

  nixpkgs.overlays = [
    inputs.emacs-overlay.overlays.default
    (import ../../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../../llama-fleet/plan/desk.json;
    })
  ];

  environment.systemPackages = with pkgs; [
    emacs
    llama-cpp-vulkan
  ];

  system.stateVersion = "25.05";
}
