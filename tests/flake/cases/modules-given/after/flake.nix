{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      mkSystem =
        system: modules:
        nixpkgs.lib.nixosSystem {
          inherit system modules;
          specialArgs = { inherit inputs; };
        };
      overlay-llama-cpp =
        host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = mkSystem "x86_64-linux" [
          ./hosts/carbon.nix
          { networking.hostName = "carbon-at-home"; }
          { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
        ];
        boron = mkSystem "x86_64-linux" [
          ./hosts/boron.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
        ];
      };
    };
}
