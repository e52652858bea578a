{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = inputs: {
    nixosConfigurations.carbon = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix ];
    };
    nixosConfigurations.boron = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./boron.nix ];
    };
  };
}
