{ sources, pkgs, ... }: {
  networking.hostName = "boron";
  nixpkgs.hostPlatform = "x86_64-linux";
  nixpkgs.overlays = [
    (import ./overlays/llama-cpp.nix {
      inputs = sources;
      plan = ./llama-fleet/plan/rack.json;
    })
  ];
  services.openssh.enable = true;
  environment.systemPackages = [ pkgs.llama-cpp-vulkan ];
}
