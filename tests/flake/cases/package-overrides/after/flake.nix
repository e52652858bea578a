{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  outputs = inputs: let
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; } ];
    };
    nixosConfigurations.boron = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./boron.nix { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; } ];
    };
  };
}
