{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      mkHost =
        modules:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = modules ++ [ ./common.nix ];
        };
    in
    {
      nixosConfigurations = {
        boron = mkHost [ ./boron.nix ];
        carbon = mkHost [ ./carbon.nix ];
      };
    };
}
