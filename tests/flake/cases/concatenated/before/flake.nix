{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs:
    let
      commonModules = [
        ./common.nix
      ];
      commonOverlays = [
        (final: prev: { })
      ];
    in
    {
      nixosConfigurations = {
        carbon = inputs.nixpkgs.lib.nixosSystem {
          modules = commonModules ++ [
            { nixpkgs.overlays = commonOverlays ++ [ (final: prev: { extra = 1; }) ]; }
            ./carbon.nix
          ];
        };
        boron = inputs.nixpkgs.lib.nixosSystem {
          modules = commonModules ++ [
            { nixpkgs.overlays = commonOverlays; }
            ./boron.nix
          ];
        };
      };
    };
}
