{ inputs, ... }: final: prev: let
  tune = pkg: pkg.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
  });
in {
  llama-cpp-tuned = tune (inputs.llama-cpp.overlays.default final prev).llamaPackages.llama-cpp;
  llama-cpp-vulkan-tuned = final.llama-cpp-tuned.override { useVulkan = true; };
}
