# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): its own llama.cpp package, arguments and flags only.
{ lib, config, stdenv, cmake, ninja, blas, cudaPackages, rocmPackages, vulkan-headers, vulkan-loader, shaderc
, cudaSupport ? config.cudaSupport
, rocmSupport ? config.rocmSupport
, rocmGpuTargets ? rocmPackages.clr.gpuTargets
, vulkanSupport ? false
, rpcSupport ? false
, blasSupport ? !(cudaSupport || rocmSupport || vulkanSupport)
, openclSupport ? false
, cpuArchDynamicDispatch ? true
}:
(if cudaSupport then cudaPackages.backendStdenv else stdenv).mkDerivation {
  pname = "llama-cpp";
  version = "9608";
  nativeBuildInputs = [ cmake ninja ] ++ lib.optionals cudaSupport [ cudaPackages.cuda_nvcc ];
  buildInputs = lib.optionals cudaSupport [ cudaPackages.cuda_cudart cudaPackages.libcublas ]
    ++ lib.optionals rocmSupport [ rocmPackages.clr rocmPackages.hipblas rocmPackages.rocblas ]
    ++ lib.optionals vulkanSupport [ vulkan-headers vulkan-loader shaderc ]
    ++ lib.optionals blasSupport [ blas ];
  cmakeFlags = lib.mapAttrsToList lib.cmakeBool {
    GGML_NATIVE = false;
    LLAMA_BUILD_SERVER = true;
    BUILD_SHARED_LIBS = true;
    GGML_BLAS = blasSupport;
    GGML_CLBLAST = openclSupport;
    GGML_CUDA = cudaSupport;
    GGML_HIP = rocmSupport;
    GGML_RPC = rpcSupport;
    GGML_VULKAN = vulkanSupport;
  }
  ++ lib.optionals cpuArchDynamicDispatch (map (name: lib.cmakeBool name true) [ "GGML_CPU_ALL_VARIANTS" "GGML_BACKEND_DL" ])
  ++ lib.optionals cudaSupport [ (lib.cmakeFeature "CMAKE_CUDA_ARCHITECTURES"
    (lib.concatMapStringsSep ";" cudaPackages.flags.dropDot cudaPackages.flags.cudaCapabilities)) ]
  ++ lib.optionals rocmSupport [ (lib.cmakeFeature "CMAKE_HIP_ARCHITECTURES" (lib.concatStringsSep ";" rocmGpuTargets)) ];
  passthru.dispatches = cpuArchDynamicDispatch;
  meta = { mainProgram = "llama"; license = lib.licenses.mit; platforms = lib.platforms.all; };
}
