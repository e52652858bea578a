{ inputs }:
let
  inherit (inputs.nixpkgs) lib;
in
rec {
  defaults = { networking.domain = "home.arpa"; };

  mkHost = host: extraModules:
    lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [ defaults { networking.hostName = host; } ] ++ extraModules;
    };
}
