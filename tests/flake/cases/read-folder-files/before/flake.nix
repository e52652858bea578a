{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = inputs@{ nixpkgs, ... }:
    with nixpkgs.lib;
    {
      nixosConfigurations = mapAttrs'
        (file: _: let name = removeSuffix ".nix" file; in nameValuePair name (nixosSystem {
          modules = [
            ./machines/${file}
            { networking.hostName = mkDefault name; }
          ];
        }))
        (filterAttrs (file: type: type == "regular" && hasSuffix ".nix" file) (builtins.readDir ./machines));
    };
}
