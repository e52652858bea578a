{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, llama-cpp }:
    let
      inputs = "keyboard";
      llama-cpp = "a group";
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit (self) inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./carbon.nix
          { users.groups.${llama-cpp}.members = [ inputs ]; }
          { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
        ];
      };
    };
}
