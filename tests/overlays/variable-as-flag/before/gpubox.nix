{ inputs, pkgs, ... }:
let
  llama = (inputs.llama-cpp.packages.x86_64-linux.default.override { useCuda = true; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_CUDA_ENABLE_UNIFIED_MEMORY=1"
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
in {
  nixpkgs.config.allowUnfree = true;
  services.llama-cpp = { enable = true; package = llama; };
}
