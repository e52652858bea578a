{ pkgs, ... }:
{
  containers.jail.config = {
    environment.systemPackages = [ pkgs.hello ];
  };
}
