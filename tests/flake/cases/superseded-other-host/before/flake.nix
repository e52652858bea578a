{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }@inputs:
    let
      llama = final: prev: { llama-cpp = prev.llama-cpp.override { blasSupport = true; }; };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        modules = [ ./carbon.nix { nixpkgs.overlays = [ llama ]; } ];
      };
      nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
        modules = [ ./boron.nix { nixpkgs.overlays = [ llama ]; } ];
      };
    };
}
