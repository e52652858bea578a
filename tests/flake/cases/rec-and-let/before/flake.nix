{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };

  outputs = { self, nixpkgs, ... }@inputs:
    let
      lib = nixpkgs.lib;
      overlays = {
        tools = final: prev: { };
      };
      hosts = {
        carbon = lib.nixosSystem rec {
          system = "x86_64-linux";
          modules = [
            ./carbon.nix
            { nixpkgs.overlays = builtins.attrValues overlays; }
          ];
        };
        boron =
          let
            extra = [ ./boron-disks.nix ];
          in
          lib.nixosSystem {
            system = "x86_64-linux";
            modules = extra ++ [
              ./boron.nix
            ];
          };
      };
    in
    rec {
      nixosConfigurations = hosts;
    };
}
