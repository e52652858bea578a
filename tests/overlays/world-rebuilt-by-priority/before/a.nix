{ lib, pkgs, ... }:
{
  nixpkgs.hostPlatform = lib.mkDefault {
    system = "x86_64-linux";
    gcc = {
      arch = "znver4";
    };
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
