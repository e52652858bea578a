{
  inputs = {
    nixpkgs-unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixpkgs-2511.url = "github:NixOS/nixpkgs/nixos-25.11";
  };

  outputs = { self, ... }@inputs: {
    nixosConfigurations."carbon" = inputs.nixpkgs-unstable.lib.nixosSystem {
      modules = [ ./carbon.nix ];
    };
    nixosConfigurations.router = inputs.nixpkgs-unstable.lib.nixosSystem {
      modules = [ ./router.nix ];
    };
  };
}
