{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations = nixpkgs.lib.genAttrs
      ([ "carbon" ] ++ builtins.fromJSON (builtins.readFile ./hosts.json))
      (name: nixpkgs.lib.nixosSystem {
        modules = [ ./machines/${name}.nix ];
      });
  };
}
