{
  inputs,
  pkgs,
  ...
}: {
  networking.hostName = "carbon-desk";

  nix.registry.nixpkgs.flake = inputs.nixpkgs;

  environment.systemPackages = with pkgs; [
    git
    llama-cpp # to try things
  ];

  system.stateVersion = "25.05";
}
