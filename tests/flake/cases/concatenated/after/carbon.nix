{ pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    htop
    llama-cpp-cuda
  ] ++ pkgs.lib.optionals true [ nvtopPackages.full ];
}
