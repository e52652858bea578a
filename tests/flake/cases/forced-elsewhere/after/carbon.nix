{ lib, pkgs, tools, ... }: {
  environment.systemPackages = lib.mkForce (tools pkgs);
}
