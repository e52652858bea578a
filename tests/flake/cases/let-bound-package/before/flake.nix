{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      modules = [ ./carbon.nix { networking.hostName = "carbon"; } ];
    };
    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
      modules = [ ./boron.nix { networking.hostName = "boron"; } ];
    };
  };
}
