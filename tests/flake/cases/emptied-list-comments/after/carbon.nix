{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;

  environment.systemPackages = [ pkgs.llama-cpp-cuda ];
}
