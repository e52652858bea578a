{ lib, ... }:
{
  nixpkgs.hostPlatform = lib.mkForce { gcc.arch = "skylake"; system = "x86_64-linux"; };
  programs.other.arch = "x";
}
