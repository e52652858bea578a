# Overlay to provide optimized llama.cpp variants from the official flake.
{ inputs, ... }:

final: prev:
let
  llamaOverlay = inputs.llama-cpp.overlays.default;
  llamaPackages = (llamaOverlay final prev).llamaPackages;
in
{
  llama-cpp-cpu = llamaPackages.llama-cpp;
  llama-cpp-cuda = llamaPackages.cuda;
}
