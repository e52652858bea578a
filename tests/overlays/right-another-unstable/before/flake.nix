{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.unstable.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, unstable, ... }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ { environment.systemPackages = [ unstable.legacyPackages.x86_64-linux.llama-cpp ]; } ];
    };
  };
}
