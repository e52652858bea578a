{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs: {
    nixosConfigurations = {
      carbon = inputs.nixpkgs.lib.nixosSystem {
        modules = [
          ./common.nix
          ./carbon.nix
        ];
      };
      boron = inputs.nixpkgs.lib.nixosSystem {
        modules = [
          ./common.nix
          ./boron.nix
        ];
      };
    };
  };
}
