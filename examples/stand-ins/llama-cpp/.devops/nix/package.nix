# SPDX-License-Identifier: MIT
# Part of the stand-in for the official llama.cpp flake (see ../../flake.nix): the package. Its arguments and their defaults, its
# CMake flags and what it depends on are as in the official one; the build writes shell scripts
# and leaves out the web page.
{ lib, glibc, config, stdenv, runCommand, cmake, ninja, pkg-config, git, mpi, blas, openssl, autoAddDriverRunpath
, cudaPackages, rocmPackages, vulkan-headers, vulkan-loader, shaderc, spirv-headers
, useBlas ? !(useCuda || useMetalKit || useRocm || useVulkan) && blas.meta.available
, useCuda ? config.cudaSupport
, useMetalKit ? false
, useMpi ? false
, useRocm ? config.rocmSupport
, rocmGpuTargets ? lib.concatStringsSep ";" rocmPackages.clr.gpuTargets
, useVulkan ? false
, useRpc ? false
, llamaVersion ? "0.0.0"
, effectiveStdenv ? if useCuda then cudaPackages.backendStdenv else stdenv
, enableStatic ? effectiveStdenv.hostPlatform.isStatic
, precompileMetalShaders ? false
, useWebUi ? true
}:
let
  backends = lib.optional useBlas "BLAS" ++ lib.optional useCuda "CUDA" ++ lib.optional useMpi "MPI"
    ++ lib.optional useRocm "ROCm" ++ lib.optional useVulkan "Vulkan";
  flags = rendered: values: lib.mapAttrsToList rendered values;
in
effectiveStdenv.mkDerivation (finalAttrs: {
  pname = lib.toLower (lib.concatStringsSep "-" ([ "llama-cpp" ] ++ backends));
  version = llamaVersion;

  nativeBuildInputs = [ cmake ninja pkg-config git spirv-headers ]
    ++ lib.optionals useCuda [ cudaPackages.cuda_nvcc autoAddDriverRunpath ];
  buildInputs = [ openssl ]
    ++ lib.optionals useCuda [ cudaPackages.cuda_cudart cudaPackages.cuda_cccl cudaPackages.libcublas ]
    ++ lib.optionals useRocm [ rocmPackages.clr rocmPackages.hipblas rocmPackages.rocblas ]
    ++ lib.optionals useVulkan [ vulkan-headers vulkan-loader shaderc ]
    ++ lib.optional useMpi mpi
    ++ lib.optional useBlas blas;

  cmakeFlags = flags lib.cmakeBool {
    LLAMA_BUILD_SERVER = true;
    LLAMA_BUILD_WEBUI = useWebUi;
    BUILD_SHARED_LIBS = !enableStatic;
    CMAKE_SKIP_BUILD_RPATH = true;
    GGML_NATIVE = false;
    GGML_BLAS = useBlas;
    GGML_CUDA = useCuda;
    GGML_HIP = useRocm;
    GGML_METAL = useMetalKit;
    GGML_VULKAN = useVulkan;
    GGML_STATIC = enableStatic;
    GGML_RPC = useRpc;
  }
  ++ lib.optionals useCuda (flags lib.cmakeFeature {
    CMAKE_CUDA_ARCHITECTURES = lib.concatMapStringsSep ";" cudaPackages.flags.dropDot cudaPackages.flags.cudaCapabilities;
  })
  ++ lib.optionals useRocm (flags lib.cmakeFeature {
    CMAKE_HIP_COMPILER = "${rocmPackages.llvm.clang}/bin/clang";
    CMAKE_HIP_ARCHITECTURES = rocmGpuTargets;
  });

  env = lib.optionalAttrs useRocm { ROCM_PATH = "${rocmPackages.clr}"; };

  # As CMake would: NATIVE and BACKEND_DL refuse each other, ALL_VARIANTS yields one library a CPU.
  installPhase = ''
    case " $cmakeFlags " in *" -DGGML_NATIVE:BOOL=TRUE "*)
      case " $cmakeFlags " in *" -DGGML_BACKEND_DL:BOOL=TRUE "*)
        echo "stand-in: GGML_NATIVE is not compatible with GGML_BACKEND_DL" >&2; exit 1 ;;
      esac
    esac
    mkdir -p "$out/bin" "$out/lib"
    echo "stand-in" > "$out/lib/libllama.so"
    for program in llama-cli llama-server llama-bench; do
      printf '#!/bin/sh\necho "stand-in %s: configured with %s"\n' "$program" "$cmakeFlags" > "$out/bin/$program"
      chmod +x "$out/bin/$program"
    done
    case " $cmakeFlags " in *" -DGGML_CPU_ALL_VARIANTS:BOOL=TRUE "*)
      for cpu in x64 sse42 sandybridge ivybridge piledriver haswell alderlake skylakex cannonlake cascadelake icelake cooperlake zen4 sapphirerapids; do
        echo "stand-in $cpu" > "$out/bin/libggml-cpu-$cpu.so"
      done
    esac
  '';

  meta = {
    description = "Stand-in for llama.cpp" + lib.optionalString (backends != [ ]) " with ${lib.concatStringsSep ", " backends}";
    homepage = "https://github.com/ggml-org/llama.cpp/";
    license = lib.licenses.mit;
    mainProgram = "llama-cli";
    platforms = lib.platforms.all;
    badPlatforms = [ ];
    broken = false;
  };
})
