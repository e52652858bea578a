{delib, ...}:
delib.host {
  name = "boron";
  nixos = {
    imports = [];
    nixpkgs.hostPlatform = "x86_64-linux";
  };
}
