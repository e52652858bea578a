{
  outputs = inputs: {
    nixosConfigurations.carbon = inputs.unstable.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix ];
    };
  };

  inputs = {
    stable.url = "github:NixOS/nixpkgs/nixos-25.11";
    unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
  };
}
