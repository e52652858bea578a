{ lib, ... }:
{
  system = "x86_64-linux";
  modules = [ ({ pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; }) ];
}
