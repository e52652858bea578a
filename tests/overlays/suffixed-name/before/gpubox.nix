{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (final: prev: {
      llama-cpp = prev.llama-cpp.overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" "-DGGML_F16C=ON" ];
      });
    })
  ];
  environment.systemPackages = [
    pkgs.llama-cpp-vulkan
  ];
}
