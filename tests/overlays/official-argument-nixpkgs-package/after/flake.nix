{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.gpubox = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./gpubox.nix ];
    };
  };
}
