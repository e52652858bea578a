{ pkgs, ... }: {
  environment.systemPackages = [ (pkgs.llama-cpp-cpu.override { useRpc = true; }) ];
}
