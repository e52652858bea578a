{ pkgs, pkgsUnstable, ... }:
{
  environment.systemPackages = with pkgs; [
    htop
    llama-cpp-vulkan
    # llama-fleet: allow second-instance
    pkgsUnstable.llama-cpp-rocm
  ];
}
