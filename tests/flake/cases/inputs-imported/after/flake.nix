{
  inputs = import ./inputs.nix;

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix ];
    };
  };
}
