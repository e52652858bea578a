{
  description = "everything at home";

  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-25.11";

    snowfall.url = "github:snowfallorg/lib";
    snowfall.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = inputs:
    let
      lib = inputs.snowfall.mkLib {
        inherit inputs;
        src = ./.;
        snowfall = {
          root = ./nix;
          namespace = "home";
        };
      };
    in
    lib.mkFlake {
      channels-config.allowUnfree = true;

      systems.modules.nixos = [ ];
    };
}
