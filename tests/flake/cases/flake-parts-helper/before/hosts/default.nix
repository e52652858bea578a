{
  self,
  inputs,
  ...
}: {
  flake.nixosConfigurations = let
    inherit (inputs.nixpkgs.lib) nixosSystem;

    specialArgs = {inherit inputs self;};
  in {
    carbon = nixosSystem {
      inherit specialArgs;
      modules = [
        ./carbon
        {networking.hostName = "carbon";}
      ];
    };

    boron = nixosSystem {
      inherit specialArgs;
      modules = [
        ./boron
        {networking.hostName = "boron";}
      ];
    };
  };
}
