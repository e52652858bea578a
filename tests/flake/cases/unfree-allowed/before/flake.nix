{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs: {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      modules = [
        ({ lib, ... }: {
          nixpkgs.overlays = [
            (final: prev: { })
          ];
        })
        ./carbon.nix
      ];
    };
  };
}
