{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    haumea.url = "github:nix-community/haumea";
  };

  outputs = { self, nixpkgs, haumea, ... }@inputs: {
    nixosConfigurations = haumea.lib.load {
      src = ./hosts;
      transformer = haumea.lib.transformers.liftDefault;
      inputs = {
        inherit inputs;
        inherit (nixpkgs) lib;
      };
    };
  };
}
