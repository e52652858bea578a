{ pkgs, ... }: {
  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = prev.callPackage ./llama.nix { };
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
