{
  description = "a machine";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix ];
    };
  };
}
