{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs:
    let
      mkHost = modules: inputs.nixpkgs.lib.nixosSystem {
        modules = [
          ./common.nix
          ({ config, ... }: {
            nixpkgs.overlays = [ (overlay-llama-cpp config.networking.hostName) ];
          })
        ] ++ modules;
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = mkHost [ ./carbon.nix ];
        boron = mkHost [ ./boron.nix ];
      };
    };
}
