{
  inputs = { nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; };
  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations = {
      carbon = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./carbon.nix { nixpkgs.overlays = [ (import ./overlays/tools.nix) ]; } ]; };
      boron = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./boron.nix ]; };
    };
  };
}
