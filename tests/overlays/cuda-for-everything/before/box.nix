{ pkgs, ... }:
{
  nixpkgs.config = {
    allowUnfree = true;
    cudaSupport = true;
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
