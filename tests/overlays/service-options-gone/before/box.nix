{ config, pkgs, ... }:
{
  services.llama-cpp = {
    enable = true;
    model = "/srv/model.gguf";
    extraFlags = [ "-ngl" "99" "-c" "8192" ];
  };
}
