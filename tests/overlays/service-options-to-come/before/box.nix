{ config, pkgs, ... }:
{
  services.llama-cpp.enable = true;
  services.llama-cpp.settings = {
    model = "/srv/model.gguf";
    ctx-size = 8192;
  };
}
