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
      ];
    };
in
lib.mapAttrs mkHost hosts
