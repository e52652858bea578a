{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = inputs: {
    nixosConfigurations = inputs.nixpkgs.lib.genAttrs [ "argon" "boron" ] (host:
      inputs.nixpkgs.lib.nixosSystem {
        modules = [
          ./hosts/${host}
        ];
      });
  };
}
