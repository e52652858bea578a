{ pkgs, ... }:

let
  llama = pkgs.llama-cpp.override { config.cudaSupport = true; };
in
{
  environment.systemPackages = with pkgs; [ git llama ];

  systemd.services.llama.script = "${llama}/bin/llama-server -m /models/small.gguf";
}
