{ pkgs, pkgsUnstable, ... }:
{
  services.llama-cpp = {
    enable = true;
    package = pkgsUnstable.llama-cpp;
  };
}
