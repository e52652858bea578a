{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      machine = file: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit self; };
        modules = [ file ];
      };
    in
    {
      nixosConfigurations.carbon = machine ./hosts/carbon.nix;
      nixosConfigurations.nas = machine ./hosts/nas.nix;
    };
}
