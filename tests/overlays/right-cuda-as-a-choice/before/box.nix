{ config, lib, pkgs, ... }:
let
  acceleration = "vulkan";
  package =
    if acceleration == "cuda" then pkgs.llama-cpp.override { cudaSupport = true; }
    else if acceleration == "vulkan" then pkgs.llama-cpp.override { vulkanSupport = true; }
    else pkgs.llama-cpp;
in
{
  services.llama-cpp = { enable = true; inherit package; };
}
