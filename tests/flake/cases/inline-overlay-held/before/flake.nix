{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./carbon.nix
        {
          nixpkgs.overlays = [
            (final: prev: {
              llama-cpp = prev.llama-cpp.overrideAttrs {
                src = prev.fetchzip { url = "https://example.org/my-llama.tar.gz"; };
                patches = [ ./faster.patch ];
              };
            })
          ];
        }
      ];
    };
  };
}
