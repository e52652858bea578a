{ inputs, pkgs, ... }:
{
  nixpkgs.config = {
    allowUnfree = true;
    cudaCapabilities = [ "8.6" ];
  };
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: {
      llama-cpp = (prev.llama-cpp.override { useCuda = true; }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          (prev.lib.cmakeFeature "CMAKE_CUDA_ARCHITECTURES" "86")
          (prev.lib.cmakeBool "GGML_AVX2" true)
          (prev.lib.cmakeBool "GGML_FMA" true)
        ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
