# llama.cpp for every kind of machine. pkgs.llama-cpp-cpu, -cuda, -vulkan, -rocm
{inputs, ...}: final: prev: let
  system = prev.stdenv.hostPlatform.system;

  # All the CPU has, please.
  withCpuOptimizations = pkg:
    pkg.override {
      blasSupport = true;
    }
    // {
      overrideAttrs = f:
        pkg.overrideAttrs (old:
          {
            cmakeFlags =
              old.cmakeFlags
              ++ [
                "-DGGML_NATIVE=ON"
                "-DGGML_AVX2=ON"
                "-DGGML_FMA=ON"
                "-DGGML_AVX512=ON"
              ];
          }
          // (f old));
    };
in {
  llama-cpp-cpu = withCpuOptimizations prev.llama-cpp;
  llama-cpp-vulkan = withCpuOptimizations (prev.llama-cpp.override {vulkanSupport = true;});

  # straight from upstream
  llama-cpp-cuda = withCpuOptimizations inputs.llama-cpp.packages.${system}.cuda;
  llama-cpp-rocm = withCpuOptimizations inputs.llama-cpp.packages.${system}.rocm;
}
