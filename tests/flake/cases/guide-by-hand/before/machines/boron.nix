{ config, lib, pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    llama-cpp-cpu  # CPU-optimized with AVX/etc.
  ];
}
