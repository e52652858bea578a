{ pkgs, ... }:
{
  nixpkgs.config = {
    allowUnfree = true;
    packageOverrides = pkgs: {
      llama-cpp = pkgs.llama-cpp.override { cudaSupport = true; };
    };
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
