{ pkgs, llama-cpp, ... }:
{
  nixpkgs.overlays = [ llama-cpp.overlays.default ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
