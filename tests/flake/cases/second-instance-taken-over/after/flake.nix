{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    nixpkgs-unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { nixpkgs, nixpkgs-unstable, ... }@inputs:
    let
      system = "x86_64-linux";
      unstable = import nixpkgs-unstable {
        inherit system;
        config.allowUnfree = true;
      };
      mkHost = name: nixpkgs.lib.nixosSystem {
        inherit system;
        specialArgs = { inherit inputs; pkgsUnstable = unstable; };
        modules = [
          ./${name}.nix
          ./common.nix
          { nixpkgs.overlays = [ (final: prev: { inherit unstable; }) (overlay-llama-cpp name) ]; }
        ];
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = mkHost "carbon";
        boron = mkHost "boron";
        helium = mkHost "helium";
      };
    };
}
