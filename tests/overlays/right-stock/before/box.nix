{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [ llama-cpp ];
  services.llama-cpp = {
    enable = true;
    settings.model = "/srv/model.gguf";
  };
}
