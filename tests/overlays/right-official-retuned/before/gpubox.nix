{ inputs, pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: {
      llama-cpp = (prev.llama-cpp.override { useCuda = true; useBlas = false; }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [ "-DCMAKE_CUDA_ARCHITECTURES=86-real" "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
