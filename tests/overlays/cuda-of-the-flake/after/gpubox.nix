{ inputs, pkgs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  environment.systemPackages = [
    (((pkgs.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }).llama-cpp.override { useCuda = true; }).overrideAttrs (old: {
      cmakeFlags = old.cmakeFlags ++ [
        "-DGGML_AVX=ON"
        "-DGGML_AVX2=ON"
        "-DGGML_AVX512=ON"
        "-DGGML_AVX512_BF16=ON"
        "-DGGML_AVX512_VBMI=ON"
        "-DGGML_AVX512_VNNI=ON"
        "-DGGML_BMI2=ON"
        "-DGGML_F16C=ON"
        "-DGGML_FMA=ON"
        "-DGGML_SSE42=ON"
      ];
    }))
  ];
}
