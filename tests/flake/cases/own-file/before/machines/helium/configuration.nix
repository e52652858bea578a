{
  networking.hostName = "helium";

  services.fail2ban.enable = true;

  system.stateVersion = "25.05";
}
