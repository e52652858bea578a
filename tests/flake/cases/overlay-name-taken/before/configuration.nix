{ pkgs, ... }:
{
  networking.hostName = "boron";
  environment.systemPackages = with pkgs; [ git (callPackage ./overlays/llama-cpp.nix { }).models ];
}
