{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = (final.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }).llama-cpp.overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          "-DGGML_AVX=ON"
          "-DGGML_AVX2=ON"
          "-DGGML_BMI2=ON"
          "-DGGML_F16C=ON"
          "-DGGML_FMA=ON"
          "-DGGML_SSE42=ON"
        ];
      });
      llama-cpp-vulkan = ((final.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }).llama-cpp.override { useVulkan = true; }).overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          "-DGGML_AVX=ON"
          "-DGGML_AVX2=ON"
          "-DGGML_BMI2=ON"
          "-DGGML_F16C=ON"
          "-DGGML_FMA=ON"
          "-DGGML_SSE42=ON"
        ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp-vulkan ];
}
