{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
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
          ] ++ extra;
        };
    in
    {
      nixosConfigurations = {
        carbon = mkHost "carbon" [ ];
        boron = mkHost "boron" [ ./disks.nix ];
      };
    };
}
