{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixos-hardware.url = "github:NixOS/nixos-hardware";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, nixos-hardware, ... }@inputs:
    {
      nixosConfigurations =
        let
          mkSystem =
            {
              device,
              system ? "x86_64-linux",
              modules ? [ ],
            }:
            nixpkgs.lib.nixosSystem {
              inherit system;
              modules = [ ./configuration.nix ] ++ modules;
            };
          mkSystems =
            all:
            builtins.listToAttrs (
              map (one: {
                name = "fleet-" + one.device;
                value = mkSystem one;
              }) all
            );
          overlay-llama-cpp =
            host:
            import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan + "/${host}.json";
            };
        in
        mkSystems [
          # the laptop
          {
            device = "carbon";
            modules = [
              nixos-hardware.nixosModules.lenovo-thinkpad-x1
              { nixpkgs.overlays = [ (overlay-llama-cpp "fleet-carbon") ]; }
            ];
          }
          {
            device = "boron";
            modules = [ { nixpkgs.overlays = [ (overlay-llama-cpp "fleet-boron") ]; } ];
          }
          {
            device = "helium";
            system = "aarch64-linux";
            modules = [ { nixpkgs.overlays = [ (overlay-llama-cpp "fleet-helium") ]; } ];
          }
        ];
    };
}
