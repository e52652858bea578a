{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations = builtins.mapAttrs
      (name: modules: nixpkgs.lib.nixosSystem {
        specialArgs = { inherit inputs; };
        modules = [
          { networking.hostName = name; nixpkgs.overlays = [ ]; }
          ./machines/${name}/configuration.nix
          {
            nixpkgs.overlays = [
              (import ./overlays/llama-cpp.nix {
                inherit inputs;
                plan = ./llama-fleet/plan + "/${name}.json";
              })
            ];
          }
        ] ++ modules;
      })
      {
        carbon = [ ];
        boron = [ ./zfs.nix ];
      };
  };
}
