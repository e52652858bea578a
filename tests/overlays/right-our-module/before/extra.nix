{ pkgs, ... }: { environment.systemPackages = [ (pkgs.llama-cpp.override { useRpc = true; }) (pkgs.llama-cpp-cpu.override { rpcSupport = true; }) ]; }
