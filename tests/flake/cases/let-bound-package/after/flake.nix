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
      modules = [
        ./carbon.nix
        { networking.hostName = "carbon"; }
        { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
      ];
    };
    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
      modules = [
        ./boron.nix
        { networking.hostName = "boron"; }
        { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
      ];
    };
  };
}
