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

  outputs = inputs@{ nixpkgs, ... }:
    with nixpkgs.lib;
    {
      nixosConfigurations = mapAttrs'
        (file: _: let
          name = removeSuffix ".nix" file;
          overlay-llama-cpp = host:
            import ./overlays/llama-cpp.nix {
              inherit inputs;
              plan = ./llama-fleet/plan + "/${host}.json";
            };
        in nameValuePair name (nixosSystem {
          modules = [
            ./machines/${file}
            { networking.hostName = mkDefault name; }
            { nixpkgs.overlays = [ (overlay-llama-cpp name) ]; }
          ];
        }))
        (filterAttrs (file: type: type == "regular" && hasSuffix ".nix" file) (builtins.readDir ./machines));
    };
}
