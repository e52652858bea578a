{ lib, pkgs, ... }: {
  environment.systemPackages = [ pkgs.git ];

  nixpkgs.config = {
    allowUnfreePredicate = p: builtins.elem (lib.getName p) [ "steam" ];
  };
}
