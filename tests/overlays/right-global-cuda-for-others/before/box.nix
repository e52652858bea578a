{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.config.cudaSupport = true;
  nixpkgs.hostPlatform = { system = "x86_64-linux"; gcc.arch = "znver3"; };
  environment.systemPackages = [ pkgs.blender pkgs.hashcat ];
}
