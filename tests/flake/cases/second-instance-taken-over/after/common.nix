{ pkgs, pkgsUnstable, ... }:
{
  services.llama-cpp = {
    enable = true;
    package = pkgs.llama-cpp;
  };
}
