{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggerganov/llama.cpp/b4567";
  };

  outputs = { self, nixpkgs, llama-cpp, ... }@inputs: let
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [
        ./carbon.nix
        { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
      ];
    };
    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [ ./boron.nix { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; } ];
    };
  };
}
