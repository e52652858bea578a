{ inputs, lib, pkgs, ... }:
{
  nixpkgs.overlays = import ./overlays { inherit lib; };
  environment.systemPackages = lib.mkIf true [ pkgs.llama-cpp ];
}
