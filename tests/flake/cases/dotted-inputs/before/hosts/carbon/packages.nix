{ pkgs, ... }:

{
  environment.systemPackages = with pkgs; [
    git
    htop # top is not enough
  ];
}
