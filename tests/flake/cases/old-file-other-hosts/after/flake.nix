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
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          modules = [
            { nixpkgs.overlays = [ overlay-llama overlay-local (overlay-llama-cpp "carbon") ]; }
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
