{ lib, pkgs, ... }: {
  options.fleet.shares = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
  };

  config = {
    networking.hostName = "nas";
    services.samba.enable = true;
    environment.systemPackages = [
      pkgs.hdparm
    ];
  };
}
