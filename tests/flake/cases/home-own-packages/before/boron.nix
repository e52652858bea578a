{ config, pkgs, ... }:
{
  home-manager.users.grace = {
    home.packages = with pkgs; [
      llama-cpp # for the evenings
    ];
    home.stateVersion = "25.05";
  };
}
