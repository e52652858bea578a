# SPDX-License-Identifier: MIT
# A reduced services.llama-cpp in NixOS's form until mid 2026: an option for each of a few arguments, and `extraFlags`.
{ config, lib, pkgs, ... }:
let cfg = config.services.llama-cpp; in
{
  options.services.llama-cpp = {
    enable = lib.mkEnableOption "the llama.cpp server";
    package = lib.mkOption { type = lib.types.package; default = pkgs.llama-cpp; };
    port = lib.mkOption { type = lib.types.port; default = 8080; };
    extraFlags = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
  };
  config = lib.mkIf cfg.enable {
    systemd.services.llama-cpp.serviceConfig = {
      ExecStart = "${cfg.package}/bin/llama-server --port ${toString cfg.port} ${lib.concatStringsSep " " cfg.extraFlags}";
      DynamicUser = true;
      MemoryDenyWriteExecute = true;
      PrivateDevices = true;
    };
  };
}
