{ pkgs, ... }: {
  environment.systemPackages = with pkgs; [
    htop
  ] ++ pkgs.lib.optionals true [ nvtopPackages.full ];
}
