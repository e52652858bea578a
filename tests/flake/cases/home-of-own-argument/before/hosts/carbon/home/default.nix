{ pkgs, ... }:
{
  xresources.properties."Xft.dpi" = 96;
  programs.git.enable = true;
}
