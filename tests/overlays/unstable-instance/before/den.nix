{ pkgs, ... }:
{
  services.llama-cpp = {
    enable = true;
    package = pkgs.unstable.llama-cpp;
    port = 8080;
  };
}
