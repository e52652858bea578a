{
  outputs = inputs: {
    nixosConfigurations.carbon = inputs.unstable.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./carbon.nix
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };

  inputs = {
    stable.url = "github:NixOS/nixpkgs/nixos-25.11";
    unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "unstable";
  };
}
