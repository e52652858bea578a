{ config, lib, pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    llama-cpp-cuda  # CUDA-accelerated
    git
  ];
}
