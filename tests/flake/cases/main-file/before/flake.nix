{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }@inputs:
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./carbon-machine.nix
          ./services/openvpn.nix
        ];
      };
      nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./hosts/boron
        ];
      };
      nixosConfigurations.helium = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./helium.nix
        ];
      };
      nixosConfigurations.neon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./services/wireguard.nix
        ];
      };
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./argon.nix
        ];
      };
    };
}
