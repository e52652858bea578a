{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs: {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      modules = [
        ./carbon.nix
        {
          nixpkgs.overlays = [
            (final: prev: { hello = prev.hello; })
            (import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
