# A desktop: llama.cpp's programs are in PATH.
{
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "26.05";
  # imports = [ ./desk-hardware.nix ]; from nixos-generate-config
}
