{
  inputs,
  pkgs,
  ...
}: {
  networking.hostName = "carbon-desk";

  nix.registry.nixpkgs.flake = inputs.nixpkgs;

  environment.systemPackages = with pkgs; [
    git
    llama-cpp-cuda # to try things
  ];

  nixpkgs.overlays = [
    (import ../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../llama-fleet/plan/carbon.json;
    })
  ];

  system.stateVersion = "25.05";
}
