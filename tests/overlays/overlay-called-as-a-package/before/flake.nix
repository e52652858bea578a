{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.den = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./den.nix ];
    };
  };
}
