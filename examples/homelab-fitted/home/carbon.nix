# mira on the laptop
{pkgs, ...}: {
  imports = [./default.nix];

  home.packages = with pkgs; [
    ripgrep
    fd
    # to talk to the models in ~/models
    llama-cpp-cuda
    jq
  ];
}
