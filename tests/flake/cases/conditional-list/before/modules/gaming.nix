{ config, lib, pkgs, ... }:
{
  options.gaming.enable = lib.mkEnableOption "games";

  config = lib.mkIf config.gaming.enable {
    environment.systemPackages = with pkgs; [
      lutris
      mangohud
    ];
  };
}
