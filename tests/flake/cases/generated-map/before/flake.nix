{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations = builtins.mapAttrs
      (name: modules: nixpkgs.lib.nixosSystem {
        specialArgs = { inherit inputs; };
        modules = [
          { networking.hostName = name; nixpkgs.overlays = [ ]; }
          ./machines/${name}/configuration.nix
        ] ++ modules;
      })
      {
        carbon = [ ];
        boron = [ ./zfs.nix ];
      };
  };
}
