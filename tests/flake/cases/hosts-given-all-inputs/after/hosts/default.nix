{
  nixpkgs,
  home-manager,
  llama-cpp,
  ...
}:
{
  carbon = nixpkgs.lib.nixosSystem {
    modules = [
      ../machines/carbon.nix
      home-manager.nixosModules.home-manager
      {
        nixpkgs.overlays = [
          (import ../overlays/llama-cpp.nix {
            inputs = { inherit llama-cpp; };
            plan = ../llama-fleet/plan/carbon.json;
          })
        ];
      }
    ];
  };
}
