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
      lib = nixpkgs.lib;
      names = [ "carbon" "boron" ];
      mk = name: {
        ${name} = lib.nixosSystem {
          modules = [ ./machines/${name}.nix { nixpkgs.overlays = [ (overlay-llama-cpp name) ]; } ];
        };
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = lib.foldl' (all: name: all // mk name) { } names;
    };
}
