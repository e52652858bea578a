{ lib, ... }: {
  services.llama-cpp = {
    enable = true;
    host = "0.0.0.0";
    port = 8080;
    model = "/srv/model.gguf";
    extraFlags = [ "-c" "4096" ];
    openFirewall = true;
  };
}
