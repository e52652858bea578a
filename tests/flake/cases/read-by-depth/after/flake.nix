{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    llama-cpp = {
      url = "github:ggml-org/llama.cpp";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      modules = [
        ./machines/carbon.nix
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ] ++ nixpkgs.lib.filesystem.listFilesRecursive ./nixos;
    };
  };
}
