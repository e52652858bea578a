{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs, ... }@inputs: {
    overlays = {
      llama = import ./overlays/llama.nix { inherit inputs; };
      fonts = final: prev: { };
      default = nixpkgs.lib.composeManyExtensions [ self.overlays.llama self.overlays.fonts ];
    };
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ({ pkgs, ... }: { nixpkgs.overlays = [ self.overlays.default ]; environment.systemPackages = [ pkgs.llama-cpp ]; }) ];
    };
  };
}
