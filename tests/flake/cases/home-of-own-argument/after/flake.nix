{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { nixpkgs, home-manager, ... }@inputs:
    let
      mkHost = name: homeModules: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          home-manager.nixosModules.home-manager
          { networking.hostName = name; home-manager.users.ada.imports = homeModules; }
          { nixpkgs.overlays = [ (overlay-llama-cpp name) ]; }
          ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-cuda ]; })
        ];
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = mkHost "carbon" [ ./hosts/carbon/home ];
    };
}
