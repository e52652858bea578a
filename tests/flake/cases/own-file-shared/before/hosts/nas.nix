{ ... }: {
  imports = [ ./carbon.nix ];
  networking.hostName = "nas";
}
