{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    llama-cpp = {
      url = "github:ggml-org/llama.cpp";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, ... }@inputs:
    let
      common = [ ./common.nix ];
      carbonModules = common ++ [
        ./machines/carbon.nix
        { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
      ];
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          modules = carbonModules;
        };
        boron = nixpkgs.lib.nixosSystem {
          modules = common ++ [
            { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
            ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-cpu ]; })
          ];
        };
        neon = nixpkgs.lib.nixosSystem {
          modules = common ++ nixpkgs.lib.optionals true [ ./machines/neon.nix ] ++ [
            { nixpkgs.overlays = [ (overlay-llama-cpp "neon") ]; }
            ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-vulkan ]; })
          ];
        };
      };
    };
}
