{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    nixpkgs-unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
  };
  outputs = { nixpkgs, nixpkgs-unstable, ... }: {
    nixosConfigurations.den = nixpkgs.lib.nixosSystem rec {
      system = "x86_64-linux";
      specialArgs.pkgs-unstable = import nixpkgs-unstable { inherit system; };
      modules = [ ./den.nix { nixpkgs.overlays = [ (import ./llama.nix) ]; } ];
    };
  };
}
