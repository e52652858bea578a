{ inputs, lib, ... }: {
  mkNixos = hostName: lib.nixosSystem {
    specialArgs = { inherit inputs; };
    modules = [
      { networking = { inherit hostName; }; }
      (../machines + "/${hostName}.nix")
      {
        nixpkgs.overlays = [
          (import ../overlays/llama-cpp.nix {
            inherit inputs;
            plan = ../llama-fleet/plan + "/${hostName}.json";
          })
        ];
      }
    ];
  };
}
