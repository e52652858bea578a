{ pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;

  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = prev.llama-cpp.overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          # Significantly improves CPU offload performance
          "-DGGML_NATIVE=ON"
        ];
      });
    })
  ];

  environment.systemPackages = [ pkgs.llama-cpp ];
}
