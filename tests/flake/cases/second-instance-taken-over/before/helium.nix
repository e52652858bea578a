{ pkgs, pkgsUnstable, ... }:
{
  environment.systemPackages = with pkgs; [
    htop
    (pkgsUnstable.llama-cpp.override {
      vulkanSupport = true;
      cudaSupport = false;
    })
    # llama-fleet: allow second-instance
    pkgsUnstable.llama-cpp-rocm
  ];
}
