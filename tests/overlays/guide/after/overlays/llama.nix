# The overlay of the guide that llama-fleet started from, in the guide's form. nix_test.py shows what it really does.
{ inputs, ... }:

final: prev:
let
  # Apply the official llama.cpp overlay to get llamaPackages
  llamaOverlay = inputs.llama-cpp.overlays.default;
  pkgsWithLlama = llamaOverlay final prev;
  llamaPackages = pkgsWithLlama.llamaPackages;

  withCpuOptimizations = pkg: (pkg.override {
    useBlas = false;
  }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_NATIVE=OFF"
      "-DGGML_SSE42=ON"
      "-DGGML_AVX=ON"
      "-DGGML_F16C=ON"
      "-DGGML_AVX2=ON"
      "-DGGML_BMI2=ON"
      "-DGGML_FMA=ON"
      "-DGGML_AVX512=ON"
      "-DGGML_AVX512_VBMI=ON"
      "-DGGML_AVX512_VNNI=ON"
      "-DGGML_OPENMP=ON"
      "-DLLAMA_BUILD_SERVER=ON"
    ];
  });
in
{
  llama-cpp-cpu = withCpuOptimizations llamaPackages.llama-cpp;
  llama-cpp-cuda = withCpuOptimizations (llamaPackages.llama-cpp.override { useCuda = true; });
  llama-cpp-vulkan = withCpuOptimizations (llamaPackages.llama-cpp.override { useVulkan = true; });
  llama-cpp-rocm = if prev.stdenv.isLinux && prev.stdenv.hostPlatform.system == "x86_64-linux"
    then withCpuOptimizations (llamaPackages.llama-cpp.override { useRocm = true; })
    else null;
}
