{ inputs, pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev:
      let tune = archs: (prev.llama-cpp.override { useCuda = true; }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [ "-DCMAKE_CUDA_ARCHITECTURES=90a-real" "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
      });
      in {
        llama-cpp = tune null;
        llama-cpp-fat = (prev.llama-cpp.override { useCuda = true; }).overrideAttrs (old: {
          cmakeFlags = old.cmakeFlags ++ [
            "-DCMAKE_CUDA_ARCHITECTURES=61-real;75-real;86-real;89-real;120-real"
            "-DGGML_AVX2=ON"
            "-DGGML_FMA=ON"
          ];
        });
      })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
