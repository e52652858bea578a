{ pkgs, ... }:

{
  networking.hostName = "boron";

  environment.systemPackages = with pkgs; [ htop ];
}
