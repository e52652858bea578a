{delib, ...}:
delib.host {
  name = "carbon";
  type = "desktop";

  nixos.nixpkgs.hostPlatform = "x86_64-linux";
}
