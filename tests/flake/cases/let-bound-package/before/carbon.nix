{ config, lib, pkgs, ... }:
let
  llama = pkgs.llama-cpp;
in
{
  environment.systemPackages = [ pkgs.git llama ];

  systemd.services.llama = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.ExecStart = "${llama}/bin/llama-server -m /models/small.gguf";
  };
}
