# A server: llama-server runs, on the package of this machine's plan.
{
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "26.05";
  # imports = [ ./rack-hardware.nix ]; from nixos-generate-config

  services.llama-cpp.enable = true;
}
