{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs: {
    nixosConfigurations = inputs.nixpkgs.lib.genAttrs [ "argon" "boron" ] (host:
      inputs.nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./hosts/${host}
          {
            nixpkgs.overlays = [
              (import ./overlays/llama-cpp.nix {
                inherit inputs;
                plan = ./llama-fleet/plan + "/${host}.json";
              })
            ];
          }
          ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp ]; })
        ];
      });
  };
}
