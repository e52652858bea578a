{ pkgs, ... }:
{
  environment = {
    variables.EDITOR = "nano";
  };
  programs.fish.enable = true;
}
