{ pkgs, ... }: { home.packages = [ pkgs.llama-cpp ]; }
