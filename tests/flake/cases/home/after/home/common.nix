{ pkgs, ... }: { home.packages = with pkgs; [ jq llama-cpp ]; }
