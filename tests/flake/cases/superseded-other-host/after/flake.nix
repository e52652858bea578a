{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { nixpkgs, ... }@inputs:
    let
      llama = final: prev: { llama-cpp = prev.llama-cpp.override { blasSupport = true; }; };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        modules = [ ./carbon.nix { nixpkgs.overlays = [ llama (overlay-llama-cpp "carbon") ]; } ];
      };
      nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
        modules = [ ./boron.nix { nixpkgs.overlays = [ llama ]; } ];
      };
    };
}
