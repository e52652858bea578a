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
      mkSystem = system: host: nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [ host ./common.nix ];
      };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "carbon" "boron" ] (name:
        mkSystem "x86_64-linux" ./machines/${name}.nix);
    };
}
