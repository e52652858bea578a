{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama = { url = "github:ggml-org/llama.cpp/b6000"; inputs.nixpkgs.follows = "nixpkgs"; };
  };

  outputs = inputs@{ nixpkgs, llama, ... }: {
    nixosConfigurations.tower = nixpkgs.lib.nixosSystem {
      specialArgs = { inherit inputs; };
      modules = [
        ./configuration.nix
        {
          nixpkgs.overlays = [
            llama.overlays.default
            (final: prev: {
              llama-cpp = prev.llama-cpp.overrideAttrs (finalAttrs: previousAttrs: {
                cmakeFlags = previousAttrs.cmakeFlags ++ [
                  (final.lib.cmakeBool "GGML_NATIVE" false)
                  (final.lib.cmakeBool "GGML_AVX2" true)
                  (final.lib.cmakeBool "GGML_FMA" true)
                  (final.lib.cmakeBool "GGML_F16C" true)
                ];
              });
            })
          ];
        }
      ];
    };
  };
}
