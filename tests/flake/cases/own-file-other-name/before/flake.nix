{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs: {
    nixosConfigurations =
      let
        inherit (inputs.nixpkgs) lib;
        build = file: lib.nixosSystem {
          specialArgs.sources = inputs;
          modules = [ file ];
        };
      in
      {
        desk = build ./carbon.nix;
        rack = build ./boron.nix;
      };
  };
}
