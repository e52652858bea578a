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
      mkSystem = system: host: nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [
          host
          ./common.nix
          ({ config, ... }: {
            nixpkgs.overlays = [ (overlay-llama-cpp config.networking.hostName) ];
          })
        ];
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "carbon" "boron" ] (name:
        mkSystem "x86_64-linux" ./machines/${name}.nix);
    };
}
