{ pkgs, lib, ... }:
let
  llama-server = lib.getExe' pkgs.llama-cpp "llama-server";
  serve = name: "${pkgs.llama-cpp}/bin/llama-server --port \${PORT} -m /srv/models/${name}.gguf";
in
{
  services.llama-swap = {
    enable = true;
    settings.models = {
      qwen.cmd = serve "qwen";
      gemma.cmd = "${llama-server} -m /srv/models/gemma.gguf";
    };
  };
  systemd.services.embed = {
    serviceConfig.ExecStart = "${pkgs.llama-cpp}/bin/llama-server --embedding -m /srv/e.gguf";
    environment.GGML_CUDA_ENABLE_UNIFIED_MEMORY = "1";
  };
}
