{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs:
    let
      mkHost = modules: inputs.nixpkgs.lib.nixosSystem {
        modules = [ ./common.nix ] ++ modules;
      };
    in
    {
      nixosConfigurations = {
        carbon = mkHost [ ./carbon.nix ];
        boron = mkHost [ ./boron.nix ];
      };
    };
}
