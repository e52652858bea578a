{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
  };
  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      specialArgs = { inherit inputs; };
      modules = [
        ./carbon.nix
        { nixpkgs.overlays = [ (import ./overlays/llama-cpp.nix) ]; }
      ];
    };
  };
}
