{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs: {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      modules = [
        ({ lib, ... }: {
          nixpkgs.overlays = [
            (final: prev: { })
            (import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
          # CUDA's licences; nothing else that is unfree.
          nixpkgs.config.allowUnfreePredicate = pkg:
            builtins.all (l: l.free or false || builtins.elem (l.shortName or "") [ "CUDA EULA" "cuDNN EULA" ])
              (if builtins.isList pkg.meta.license then pkg.meta.license else [ pkg.meta.license ]);
        })
        ./carbon.nix
      ];
    };
  };
}
