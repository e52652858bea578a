{ pkgs, ... }:
{
  systemd.services.llama-cpp.environment = {
    HSA_OVERRIDE_GFX_VERSION = "11.0.3";
    HIP_VISIBLE_DEVICES = "0";
  };
  services.llama-cpp = {
    enable = true;
    package = pkgs.llama-cpp.override { rocmSupport = true; };
  };
}
