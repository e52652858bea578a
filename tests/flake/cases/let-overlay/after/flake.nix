{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      system = "x86_64-linux";
      # llama.cpp with CUDA
      fonts-overlay = final: prev: {
        iosevka-own = prev.iosevka.override { set = "own"; };
      };
      overlay-llama-cpp =
        host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          inherit system;
          modules = [
            { nixpkgs.overlays = [ fonts-overlay (overlay-llama-cpp "carbon") ]; }
            ./carbon.nix
          ];
        };
        boron = nixpkgs.lib.nixosSystem {
          inherit system;
          modules = [
            { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
            ./boron.nix
          ];
        };
      };
    };
}
