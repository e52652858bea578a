{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { nixpkgs, ... }: {
    nixosConfigurations.rig = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./host.nix
        ./carbon.nix
      ];
    };
  };
}
