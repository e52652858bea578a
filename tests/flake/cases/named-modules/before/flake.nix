{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, ... }@inputs:
    let
      common = [ ./common.nix ];
      carbonModules = common ++ [
        ./machines/carbon.nix
      ];
    in
    {
      nixosConfigurations = {
        carbon = nixpkgs.lib.nixosSystem {
          modules = carbonModules;
        };
        boron = nixpkgs.lib.nixosSystem {
          modules = common;
        };
        neon = nixpkgs.lib.nixosSystem {
          modules = common ++ nixpkgs.lib.optionals true [ ./machines/neon.nix ];
        };
      };
    };
}
