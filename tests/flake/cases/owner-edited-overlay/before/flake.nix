{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs, ... }: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      modules = [ ./carbon.nix ];
    };
  };
}
