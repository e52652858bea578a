{
  imports = [ ./packages.nix ];
  networking.hostName = "boron";
}
