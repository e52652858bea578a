# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): services.llama-cpp, reduced, in NixOS's form since mid 2026:
# `settings` becomes the command line. Of the unit's hardening there is what stands in the way of a GPU.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.llama-cpp;
  argument = name: value: "--${name} ${toString value}";
in
{
  options.services.llama-cpp = {
    enable = lib.mkEnableOption "the llama.cpp server";
    package = lib.mkOption { type = lib.types.package; default = pkgs.llama-cpp; };
    settings = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };
  };
  config = lib.mkIf cfg.enable {
    systemd.services.llama-cpp.serviceConfig = {
      ExecStart = "${cfg.package}/bin/llama-server "
        + lib.concatStringsSep " " (lib.mapAttrsToList argument cfg.settings);
      DynamicUser = true;
      MemoryDenyWriteExecute = true;
      PrivateDevices = false;
      ProcSubset = "pid";
      ProtectSystem = "strict";
    };
  };
}
