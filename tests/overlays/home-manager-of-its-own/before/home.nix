{ pkgs, ... }: {
  home.packages = with pkgs; [ llama-cpp ripgrep ];
  home.stateVersion = "25.11";
}
