{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.darwin.url = "github:nix-darwin/nix-darwin";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { nixpkgs, darwin, llama-cpp, ... }: {
    darwinConfigurations.mac = darwin.lib.darwinSystem {
      system = "aarch64-darwin";
      modules = [ { nixpkgs.overlays = [ llama-cpp.overlays.default ]; } ];
    };

    nixosConfigurations.pi = nixpkgs.lib.nixosSystem {
      modules = [
        { nixpkgs.hostPlatform = "aarch64-linux"; }
        { nixpkgs.overlays = [ llama-cpp.overlays.default ]; }
      ];
    };

    nixosConfigurations.board = nixpkgs.lib.nixosSystem {
      system = "aarch64-linux";
      modules = [
        ({ pkgs, ... }: {
          nixpkgs.overlays = [ llama-cpp.overlays.default ];
          environment.systemPackages = [ (pkgs.llama-cpp.override { useVulkan = true; }) ];
        })
      ];
    };

    nixosConfigurations.cluster = nixpkgs.lib.nixosSystem {
      system = "aarch64-linux";
      specialArgs = { inherit llama-cpp; };
      modules = [ ./cluster.nix ];
    };

    nixosConfigurations.zero = nixpkgs.lib.nixosSystem {
      specialArgs = { inherit llama-cpp; };
      modules = [ ./zero.nix ];
    };

    nixosConfigurations.pc = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./pc.nix ];
    };
  };
}
