{ inputs, pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: {
      llama-cpp-both = (prev.llama-cpp.override {
        useCuda = true;
        useRocm = true;
      }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          "-DGGML_AVX2=ON"
          "-DGGML_FMA=ON"
          "-DGGML_BACKEND_DL=ON"
        ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp-both ];
}
