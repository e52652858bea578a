{ pkgs, ... }: {
  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = (import ./llama.nix final prev).llama-cpp;
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
