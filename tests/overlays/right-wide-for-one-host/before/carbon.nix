{ pkgs, lib, config, ... }:
{
  options.fast = lib.mkEnableOption "the wide build";
  config.environment.systemPackages = [ pkgs.llama-cpp ];
}
