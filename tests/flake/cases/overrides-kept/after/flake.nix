{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { nixpkgs, ... }@inputs: let
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; } ];
    };
    nixosConfigurations.helium = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./helium.nix { nixpkgs.overlays = [ (overlay-llama-cpp "helium") ]; } ];
    };
  };
}
