{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, ... }@inputs:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs { inherit system; config.allowUnfree = true; };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        inherit system pkgs;
        modules = [ ./carbon.nix { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; } ];
      };
    };
}
