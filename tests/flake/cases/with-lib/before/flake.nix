{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs@{ nixpkgs, ... }: with nixpkgs.lib; rec {
    machine = "carbon";
    nixosConfigurations.carbon = nixosSystem rec {
      system = "x86_64-linux";
      modules = [ ./carbon.nix { networking.hostName = machine; } ];
    };
  };
}
