{ pkgs, ... }:
{
  nixpkgs.config = {
    allowUnfree = true;
    cudaCapabilities = [ "8.9" ];
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
