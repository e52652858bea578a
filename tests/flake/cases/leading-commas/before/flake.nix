{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nur.url = "github:nix-community/NUR";
  };

  outputs =
    { self
    , nixpkgs
      # for firefox extensions
    , nur
    }:
    let
      overlay-nur = nur.overlays.default;
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          { nixpkgs.overlays = [ overlay-nur ]; }
          ./carbon.nix
        ];
      };
    };
}
