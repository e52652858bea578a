# What mira has everywhere.
{
  home.username = "mira";
  home.homeDirectory = "/home/mira";

  programs.bash.enable = true;
  programs.git = {
    enable = true;
    userName = "Mira";
  };

  home.stateVersion = "24.11";
}
