{ inputs }:
let
  inherit (inputs.nixpkgs) lib;
  overlay-llama-cpp = host:
    import ../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../llama-fleet/plan + "/${host}.json";
    };
in
rec {
  defaults = { networking.domain = "home.arpa"; };

  mkHost = host: extraModules:
    lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [
        defaults
        { networking.hostName = host; }
        { nixpkgs.overlays = [ (overlay-llama-cpp host) ]; }
      ] ++ extraModules;
    };
}
