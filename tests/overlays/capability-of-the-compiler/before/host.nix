{ pkgs, ... }:
{
  nixpkgs.config = {
    allowUnfree = true;
    cudaCapabilities = [ "sm_89" ];
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
