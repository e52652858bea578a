{ inputs, pkgs, lib, ... }:
{
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: {
      llama-cpp = (prev.llama-cpp.override {
        useRocm = true;
        rocmGpuTargets = "gfx1100;gfx1030";
      }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
