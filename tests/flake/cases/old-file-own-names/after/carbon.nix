{ lib, pkgs, ... }:
{
  environment.systemPackages = [ pkgs.llama-cpp ];
  systemd.services.llama.script = "${lib.getExe' pkgs.llama-cpp-blas "llama-server"} --port 8080";
}
