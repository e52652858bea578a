{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggerganov/llama.cpp/b4567";
  };

  outputs = { self, nixpkgs, llama-cpp, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [
        ./carbon.nix
        { nixpkgs.overlays = [ llama-cpp.overlays.default ]; }
      ];
    };
    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [ ./boron.nix ];
    };
  };
}
