{ pkgs, llama-cpp, ... }:
{
  imports = [ ./llama.nix ];
  nixpkgs.overlays = [ llama-cpp.overlays.default ];
}
