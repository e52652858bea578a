_: {
  networking.hostName = "boron";
  nixpkgs.hostPlatform = "x86_64-linux";
  services.openssh.enable = true;
}
