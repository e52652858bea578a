{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
  };

  outputs = { self, nixpkgs, home-manager, ... }@inputs: {
    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./boron.nix ];
    };

    homeConfigurations."ada@boron" = home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [
        ./home.nix
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix { inherit inputs; plan = ./llama-fleet/plan/boron.json; })
          ];
        }
      ];
    };
  };
}
