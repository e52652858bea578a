{ inputs, pkgs, lib, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: {
      llama-cpp = (prev.llama-cpp.override {
        cudaSupport = true;
        blasSupport = false;
        cpuArchDynamicDispatch = false;
      }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          "-DCMAKE_CUDA_ARCHITECTURES=89"
          "-DGGML_AVX2=ON"
          "-DGGML_FMA=ON"
        ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
