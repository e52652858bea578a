{pkgs, inputs, ...}: {
  networking.hostName = "boron";

  services.openssh.enable = true;

  environment.systemPackages = [pkgs.htop pkgs.llama-cpp-cpu];

  nixpkgs.overlays = [
    (import ../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../llama-fleet/plan/boron.json;
    })
  ];

  system.stateVersion = "25.05";
}
