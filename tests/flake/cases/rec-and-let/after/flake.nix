{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, ... }@inputs:
    let
      lib = nixpkgs.lib;
      overlays = {
        tools = final: prev: { };
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
      hosts = {
        carbon = lib.nixosSystem rec {
          system = "x86_64-linux";
          modules = [
            ./carbon.nix
            { nixpkgs.overlays = builtins.attrValues overlays; }
            { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
          ];
        };
        boron =
          let
            extra = [ ./boron-disks.nix ];
          in
          lib.nixosSystem {
            system = "x86_64-linux";
            modules = extra ++ [
              ./boron.nix
              { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
            ];
          };
      };
    in
    rec {
      nixosConfigurations = hosts;
    };
}
