{ config, lib, pkgs, ... }:
let cfg = config.my.services.llama-cpp; in
{
  options.my.services.llama-cpp = {
    enable = lib.mkEnableOption "llama-server";
    extraFlags = lib.mkOption { type = lib.types.attrs; default = { }; };
  };
  config.systemd.services.llm = lib.mkIf cfg.enable {
    serviceConfig.ExecStart = "${lib.getExe' pkgs.llama-cpp "llama-server"} ${lib.cli.toGNUCommandLineShell { } cfg.extraFlags}";
  };
}
