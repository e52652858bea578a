{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./carbon.nix
        {
          nixpkgs.overlays = [
            # tuned llama
            (final: prev: { llama-cpp = prev.llama-cpp.override { cudaSupport = true; }; })
          ];
        }
      ];
    };
  };
}
