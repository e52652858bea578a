{ config, lib, pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    git
  ] ++ lib.optional config.services.xserver.enable llama-cpp;
}
