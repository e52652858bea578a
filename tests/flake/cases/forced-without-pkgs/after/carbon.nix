{ lib, inputs, ... }:
{
  nixpkgs.hostPlatform = "x86_64-linux";
  environment.systemPackages = lib.mkForce (lib.mkBefore (import ./tools.nix inputs));
}
