{ pkgs, lib, ... }:
{
  nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ "cuda_cudart" "libcublas" "cuda_nvcc" ];
  services.llama-cpp.package = pkgs.llama-cpp.override { cudaSupport = true; };
}
