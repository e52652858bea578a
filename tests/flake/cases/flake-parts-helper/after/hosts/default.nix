{
  self,
  inputs,
  ...
}: {
  flake.nixosConfigurations = let
    inherit (inputs.nixpkgs.lib) nixosSystem;

    specialArgs = {inherit inputs self;};

    overlay-llama-cpp = host:
      import ../overlays/llama-cpp.nix {
        inherit inputs;
        plan = ../llama-fleet/plan + "/${host}.json";
      };
  in {
    carbon = nixosSystem {
      inherit specialArgs;
      modules = [
        ./carbon
        {networking.hostName = "carbon";}
        {nixpkgs.overlays = [(overlay-llama-cpp "carbon")];}
      ];
    };

    boron = nixosSystem {
      inherit specialArgs;
      modules = [
        ./boron
        {networking.hostName = "boron";}
        {nixpkgs.overlays = [(overlay-llama-cpp "boron")];}
      ];
    };
  };
}
