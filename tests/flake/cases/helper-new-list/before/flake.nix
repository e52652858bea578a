{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixos-hardware.url = "github:NixOS/nixos-hardware";
  };

  outputs =
    { nixpkgs, nixos-hardware, ... }@inputs:
    {
      nixosConfigurations =
        let
          mkSystem =
            {
              device,
              system ? "x86_64-linux",
              modules ? [ ],
            }:
            nixpkgs.lib.nixosSystem {
              inherit system;
              modules = [ ./configuration.nix ] ++ modules;
            };
          mkSystems =
            all:
            builtins.listToAttrs (
              map (one: {
                name = "fleet-" + one.device;
                value = mkSystem one;
              }) all
            );
        in
        mkSystems [
          # the laptop
          {
            device = "carbon";
            modules = [ nixos-hardware.nixosModules.lenovo-thinkpad-x1 ];
          }
          { device = "boron"; }
          {
            device = "helium";
            system = "aarch64-linux";
          }
        ];
    };
}
