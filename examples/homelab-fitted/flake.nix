{
  description = "The home lab: five machines, one flake";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixpkgs-stable.url = "github:NixOS/nixpkgs/nixos-26.05";

    nixos-hardware.url = "github:NixOS/nixos-hardware/master";

    waybar.url = "github:Alexays/Waybar";
    waybar.inputs.nixpkgs.follows = "nixpkgs";

    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };

    llama-cpp = {
      url = "github:ggml-org/llama.cpp";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = {
    self,
    nixpkgs,
    home-manager,
    ...
  } @ inputs: let
    inherit (self) outputs;

    # A few things are better old and boring.
    overlay-stable = final: prev: {
      stable = import inputs.nixpkgs-stable {
        system = final.system;
        config.allowUnfree = true;
      };
    };

    overlay-llama-cpp = host:
      import ./nixos/overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    # Laptop: Ryzen 7040, NVIDIA on the side.
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = {inherit inputs outputs;};
      modules = [
        ({
          config,
          pkgs,
          ...
        }: {
          nixpkgs.overlays = [
            overlay-stable
            inputs.waybar.overlays.default
            (overlay-llama-cpp "carbon")
          ];
        })
        inputs.nixos-hardware.nixosModules.common-pc-laptop-ssd
        ./machines/carbon.nix
        ./nixos
        home-manager.nixosModules.home-manager
        {
          home-manager.useGlobalPkgs = true;
          home-manager.useUserPackages = true;
          home-manager.users.mira = import ./home/carbon.nix;
        }
      ];
    };

    # Mini PC under the television.
    nixosConfigurations.beryllium = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = {inherit inputs outputs;};
      modules = [
        ({
          config,
          pkgs,
          ...
        }: {
          nixpkgs.overlays = [
            overlay-stable
            (overlay-llama-cpp "beryllium")
          ];
        })
        inputs.nixos-hardware.nixosModules.common-cpu-amd
        ./machines/beryllium.nix
        ./nixos
        home-manager.nixosModules.home-manager
        {
          home-manager.useGlobalPkgs = true;
          home-manager.useUserPackages = true;
          home-manager.users.mira = import ./home;
        }
      ];
    };

    # The old one in the cellar.
    nixosConfigurations.boron = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = {inherit inputs outputs;};
      modules = [
        ({pkgs, ...}: {nixpkgs.overlays = [overlay-stable (overlay-llama-cpp "boron")];})
        ./machines/boron.nix
        ./nixos
        home-manager.nixosModules.home-manager
        {
          home-manager.useGlobalPkgs = true;
          home-manager.users.mira = import ./home;
        }
      ];
    };

    # Rack server, no graphics at all.
    nixosConfigurations.nitrogen = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = {inherit inputs outputs;};
      modules = [
        ({
          config,
          pkgs,
          ...
        }: {
          nixpkgs.overlays = [
            overlay-stable # for postgresql, see machines/nitrogen.nix
            (overlay-llama-cpp "nitrogen")
          ];
        })
        ./machines/nitrogen.nix
        ./nixos
        home-manager.nixosModules.home-manager
        {
          home-manager.useGlobalPkgs = true;
          home-manager.users.mira = import ./home;
        }
      ];
    };

    # Whatever this happens to run on.
    nixosConfigurations.this-machine = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = {inherit inputs outputs;};
      modules = [
        {
          nixpkgs.overlays = [
            overlay-stable
            (overlay-llama-cpp "this-machine")
          ];
        }
        ./machines/this-machine.nix
        ./nixos
        home-manager.nixosModules.home-manager
        {
          home-manager.useGlobalPkgs = true;
          home-manager.users.mira = import ./home;
        }
      ];
    };
  };
}
