{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.git ];
  systemd.services.llama.serviceConfig.ExecStart = "${pkgs.llama-cpp-native}/bin/llama-server";
}
