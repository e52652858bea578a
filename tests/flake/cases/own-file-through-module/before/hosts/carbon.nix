{ pkgs, self, ... }: {
  networking.hostName = "carbon-fleet";

  nixpkgs = {
    hostPlatform = "x86_64-linux";
    config.allowUnfree = true;
  };

  system.configurationRevision = self.rev or null;
  environment.systemPackages = with pkgs; [ git ];
}
