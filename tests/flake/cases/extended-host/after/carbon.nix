{ pkgs, ... }: { environment.systemPackages = [ pkgs.hello pkgs.llama-cpp-cuda ]; }
