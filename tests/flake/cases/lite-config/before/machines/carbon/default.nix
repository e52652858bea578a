{ config, pkgs, ... }:

{
    imports =
    [ ./hardware-configuration.nix
      ../common.nix
    ];

    environment.systemPackages = [ pkgs.git ];
}
