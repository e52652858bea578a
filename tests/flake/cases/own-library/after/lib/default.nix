{inputs}: let
  inherit (inputs) self;
  overlay-llama-cpp = host:
    import ../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../llama-fleet/plan + "/${host}.json";
    };
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
          {nixpkgs.overlays = [(overlay-llama-cpp host)];}
        ]
        ++ extraModules;
    };
}
