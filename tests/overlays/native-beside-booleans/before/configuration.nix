{ pkgs, ... }: {
  nixpkgs.hostPlatform = "x86_64-linux";
  services.llama-cpp = {
    enable = true;
    package = pkgs.llama-cpp;
    model = "/srv/models/qwen.gguf";
  };
  system.stateVersion = "25.11";
}
