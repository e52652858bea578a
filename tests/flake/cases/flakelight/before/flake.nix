{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flakelight.url = "github:nix-community/flakelight";
  };
  outputs = { self, nixpkgs, flakelight }@inputs:
    flakelight ./. {
      inherit inputs;
      nixosConfigurations = {
        carbon = {
          system = "x86_64-linux";
          modules = [ ./carbon.nix ];
        };
      };
    };
}
