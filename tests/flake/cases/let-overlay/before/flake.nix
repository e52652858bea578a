{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      system = "x86_64-linux";
      # llama.cpp with CUDA
      llama-overlay = final: prev: {
        llama-cpp = prev.llama-cpp.override { cudaSupport = true; };
      };
      fonts-overlay = final: prev: {
        iosevka-own = prev.iosevka.override { set = "own"; };
      };
    in
    {
      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          inherit system;
          modules = [
            { nixpkgs.overlays = [ llama-overlay fonts-overlay ]; }
            ./carbon.nix
          ];
        };
        boron = nixpkgs.lib.nixosSystem {
          inherit system;
          modules = [
            { nixpkgs.overlays = [ llama-overlay ]; }
            ./boron.nix
          ];
        };
      };
    };
}
