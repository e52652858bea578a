{ pkgs, ... }:

let
  llama = pkgs.llama-cpp-cuda;
in
{
  environment.systemPackages = with pkgs; [ git llama ];

  systemd.services.llama.script = "${llama}/bin/llama-server -m /models/small.gguf";
}
