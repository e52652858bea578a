{ nixpkgs, inputs }: {
  carbon = nixpkgs.lib.nixosSystem { modules = [
    ./carbon.nix
    {
      nixpkgs.overlays = [
        (import ../overlays/llama-cpp.nix {
          inherit inputs;
          plan = ../llama-fleet/plan/carbon.json;
        })
      ];
    }
  ]; };
}
