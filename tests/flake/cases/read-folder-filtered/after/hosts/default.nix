{ self, inputs }:
let
  inherit (inputs.nixpkgs) lib;

  entries = builtins.readDir ./.;
  hosts = lib.filterAttrs (name: type: type == "directory" && name != "common") entries;

  mkHost = hostname: _:
    lib.nixosSystem {
      specialArgs = { inherit self inputs hostname; };
      modules = [
        ./common
        (./. + "/${hostname}")
        { nixpkgs.overlays = [ (overlay-llama-cpp hostname) ]; }
      ];
    };

  overlay-llama-cpp = host:
    import ../overlays/llama-cpp.nix {
      inherit inputs;
      plan = ../llama-fleet/plan + "/${host}.json";
    };
in
lib.mapAttrs mkHost hosts
