{ lib, pkgs, ... }: {
  networking.hostName = lib.mkDefault "base";
  environment.systemPackages = with pkgs; [ git ];
}
