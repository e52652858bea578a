{ lib, pkgs, ... }:
{
  nixpkgs.hostPlatform = {
    system = "x86_64-linux";
    gcc.arch = "znver4";
    gcc.tune = "znver4";
  };
  nix.settings.system-features = [ "gccarch-znver4" "big-parallel" ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
