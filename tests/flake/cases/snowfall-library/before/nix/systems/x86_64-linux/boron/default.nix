{
  imports = [ ../carbon/hardware.nix ];
  networking.firewall.enable = true;
}
