{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };
  outputs = { self, nixpkgs, ... }@inputs: let
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations = {
      carbon = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./carbon.nix { nixpkgs.overlays = [ (import ./overlays/tools.nix) (overlay-llama-cpp "carbon") ]; } ]; };
      boron = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./boron.nix { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; } ]; };
    };
  };
}
