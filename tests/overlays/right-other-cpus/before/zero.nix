{ lib, pkgs, llama-cpp, ... }:
{
  nixpkgs.hostPlatform = lib.mkDefault "aarch64-linux";
  nixpkgs.overlays = [ llama-cpp.overlays.default ];
  environment.systemPackages = [ (pkgs.llama-cpp.override { useVulkan = true; }) ];
}
