{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [
        ./hosts/carbon.nix
        ({ pkgs, ... }: {
          nixpkgs.overlays = [
            # faster on the GPU
            (final: prev: {
              llama-cpp = (prev.llama-cpp.override { cudaSupport = true; }).overrideAttrs (old: {
                cmakeFlags = old.cmakeFlags ++ [ "-DLLAMA_CUBLAS=ON" "-DGGML_NATIVE=ON" ];
              });
            })
            inputs.nix-vscode.overlays.default
          ];
        })
      ];
    };
  };
}
