{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nur.url = "github:nix-community/NUR";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { self
    , nixpkgs
      # for firefox extensions
    , nur
    , llama-cpp
    }:
    let
      overlay-nur = nur.overlays.default;
      overlay-llama-cpp =
        host:
        import ./overlays/llama-cpp.nix {
          inputs = { inherit llama-cpp; };
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          { nixpkgs.overlays = [ overlay-nur (overlay-llama-cpp "carbon") ]; }
          ./carbon.nix
        ];
      };
    };
}
