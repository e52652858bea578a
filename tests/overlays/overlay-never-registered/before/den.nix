{ pkgs, ... }: {
  nixpkgs.overlays = [
    (import ./overlays/fonts.nix)
    # (import ./overlays/llama.nix)
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
