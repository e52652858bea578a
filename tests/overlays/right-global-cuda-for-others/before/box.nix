{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.config.cudaSupport = true;
  nixpkgs.hostPlatform.gcc.arch = "znver3";
  environment.systemPackages = [ pkgs.blender pkgs.hashcat ];
}
