{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }@inputs: {
    nixosConfigurations = nixpkgs.lib.genAttrs [ "argon" "boron" ] (host:
      nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit inputs; };
        modules = [ ./hosts/${host} ];
      });
  };
}
