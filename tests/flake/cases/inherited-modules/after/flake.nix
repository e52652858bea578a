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
      mkNixos = name: modules:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = modules ++ [ { nixpkgs.overlays = [ (overlay-llama-cpp name) ]; } ];
          specialArgs = { inherit inputs name; };
        };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = mkNixos "carbon" [ ./machines/carbon.nix ];
        boron = mkNixos "boron" [ ./machines/boron.nix ];
      };
    };
}
