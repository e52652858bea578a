{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
  };

  outputs = { self, nixpkgs, ... }@inputs:
    let
      overlay-local = final: prev: { };
      # our own llama
      overlay-llama = import ./pkgs/llama-cpp-variants.nix;
    in
    {
      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          modules = [
            { nixpkgs.overlays = [ overlay-llama overlay-local ]; }
            ./carbon.nix
          ];
        };
        boron = nixpkgs.lib.nixosSystem {
          modules = [
            {
              nixpkgs.overlays = [
                overlay-local
                overlay-llama # slow
              ];
            }
            ./boron.nix
          ];
        };
      };
      # packages = import ./pkgs/llama-cpp-variants.nix;
    };
}
