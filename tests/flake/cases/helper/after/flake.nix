{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      mkHost =
        name: extra:
        nixpkgs.lib.nixosSystem {
          specialArgs = { inherit inputs; };
          modules = [
            ./machines/${name}.nix
            { networking.hostName = name; }
            { nixpkgs.overlays = [ (overlay-llama-cpp name) ]; }
          ] ++ extra;
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
        carbon = mkHost "carbon" [ ];
        boron = mkHost "boron" [ ./disks.nix ];
      };
    };
}
