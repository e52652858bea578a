{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations = builtins.mapAttrs (host: inputs: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix { users.groups = inputs; } ];
    }) { carbon = { ada = { }; }; };
  };
}
