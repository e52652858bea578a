{inputs}: let
  inherit (inputs) self;
in {
  nixosSystem = {
    system,
    host,
    extraModules ? [],
  }:
    inputs.nixpkgs.lib.nixosSystem {
      inherit system;
      specialArgs = {inherit inputs self;};
      modules =
        [
          (../. + "/hosts/${host}/configuration.nix")
          {networking.hostName = host;}
        ]
        ++ extraModules;
    };
}
