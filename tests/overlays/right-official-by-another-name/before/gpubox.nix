{ inputs, pkgs, ... }:
let
  # not llama.cpp's business
  tool = inputs.tool.packages.${pkgs.system}.default;
in
{
  nixpkgs.overlays = [ (import ./llama.nix { inherit inputs; }) ];
  environment.systemPackages = with pkgs; [ tool llama-cpp-vulkan-tuned ] ++ [ inputs.other.packages.${pkgs.system}.x ];
}
