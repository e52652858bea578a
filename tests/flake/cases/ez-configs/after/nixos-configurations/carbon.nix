{ pkgs, self, ... }: {
  imports = [ ../hardware/carbon.nix ];

  environment.systemPackages = [ pkgs.git ];
}
