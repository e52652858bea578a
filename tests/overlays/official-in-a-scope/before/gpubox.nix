{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = inputs.llama-cpp.packages.${prev.system}.default;
      llama-cpp-vulkan = inputs.llama-cpp.packages.${prev.system}.vulkan;
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp-vulkan ];
}
