{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  environment.systemPackages = [
    (pkgs.llama-cpp.override {
      cudaSupport = true;
      buildAllCudaFaQuants = true;
      openblasSupport = false;
      vulkansupport = true;
    })
  ];
}
