{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = inputs: {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      modules = [ ./carbon.nix ];
    };
    nixosConfigurations.boron = inputs.nixpkgs.lib.nixosSystem {
      modules = [ ./boron.nix ];
    };
  };
}
