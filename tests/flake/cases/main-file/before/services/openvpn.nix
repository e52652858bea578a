{ pkgs, ... }:
{
  services.openvpn.servers.home = {
    config = "config /etc/home.conf";
    up = "${pkgs.hello}/bin/hello";
  };
}
