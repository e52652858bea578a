{ inputs, pkgs, ... }:
{
  networking.hostName = "helium";

  services.fail2ban.enable = true;

  nixpkgs.overlays = [
    (import ../../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../../llama-fleet/plan/attic.json;
    })
  ];

  environment.systemPackages = [ pkgs.llama-cpp-vulkan ];

  system.stateVersion = "25.05";
}
