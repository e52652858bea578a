{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, home-manager, ... }@inputs:
    let
      overlay-llama-cpp =
        host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./argon.nix
            home-manager.nixosModules.home-manager
            {
              nixpkgs.overlays = [ (overlay-llama-cpp "argon") ];
              home-manager.sharedModules = [
                { nixpkgs.overlays = [ (overlay-llama-cpp "argon") ]; }
              ];
              home-manager.useGlobalPkgs = false;
              home-manager.users.ada = import ./home/ada.nix;
            }
          ];
        };

        boron = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./boron.nix
            home-manager.nixosModules.default
            {
              nixpkgs.overlays = [ (overlay-llama-cpp "boron") ];
              home-manager.sharedModules = [
                { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
              ];
            }
            ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-vulkan ]; })
          ];
        };
      };
    };
}
