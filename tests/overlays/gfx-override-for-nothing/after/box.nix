{ pkgs, ... }:
{
  systemd.services.llama-cpp.environment = {
    HIP_VISIBLE_DEVICES = "0";
  };
  services.llama-cpp = {
    enable = true;
    package = pkgs.llama-cpp.override { rocmSupport = true; };
  };
}
