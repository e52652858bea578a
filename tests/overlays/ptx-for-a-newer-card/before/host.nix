{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  services.llama-cpp = {
    enable = true;
    package = pkgs.llama-cpp;
  };
}
