{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, ... }@inputs:
    let
      overlays = [ (import ./overlays/tools.nix) ];
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        modules = [
          { networking.hostName = "carbon"; }
          ./common.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
        ];
      };
      nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
        modules = [
          { networking.hostName = "boron"; nixpkgs.overlays = overlays; }
          ./common.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
        ];
      };
    };
}
