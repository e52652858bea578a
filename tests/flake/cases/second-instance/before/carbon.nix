{ lib, pkgs, pkgs-unstable, ... }:
{
  environment.systemPackages = with pkgs; [ git llama-cpp ];

  services.llama-swap.settings.models.small.cmd =
    "${lib.getExe' pkgs-unstable.llama-cpp "llama-server"} -m /models/small.gguf --port \${PORT}";

  systemd.services.embeddings.script = ''
    # llama-fleet: allow second-instance
    exec ${pkgs-unstable.llama-cpp}/bin/llama-server --embeddings -m /models/e5.gguf
  '';

  systemd.services.other.serviceConfig.ExecStart = "${pkgs.llama-cpp}/bin/llama-server -m /models/other.gguf";
}
