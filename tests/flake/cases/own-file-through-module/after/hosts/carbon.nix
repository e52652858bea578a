{ pkgs, self, ... }: {
  networking.hostName = "carbon-fleet";

  nixpkgs = {
    hostPlatform = "x86_64-linux";
    config.allowUnfree = true;
    overlays = [
      (import ../overlays/llama-cpp.nix {
        inherit (self) inputs;
        plan = ../llama-fleet/plan/carbon.json;
      })
    ];
  };

  system.configurationRevision = self.rev or null;
  environment.systemPackages = with pkgs; [ git llama-cpp-cuda ];
}
