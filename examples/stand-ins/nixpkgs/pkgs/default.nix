# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): the package set. A program is a shell script that says its name.
{ lib, system, config, final }:
let
  inherit (final) callPackage stdenv;

  program = name: stdenv.mkDerivation { pname = name; version = "1.0"; meta.mainProgram = name; };
  programs = names: lib.genAttrs names program;
  unfree = license: version: name: stdenv.mkDerivation { pname = name; inherit version; meta = { inherit license; }; };
  cudaSet = version: lib.genAttrs [ "cuda_nvcc" "cuda_cudart" "cuda_cccl" "libcublas" ]
    (unfree lib.licenses.nvidiaCuda version) // {
    backendStdenv = import ./stdenv.nix { inherit lib system config; name = "cuda-stdenv"; };
    flags = {
      cudaCapabilities = config.cudaCapabilities or [ "7.5" "8.0" "8.6" "8.9" "9.0" "10.0" "12.0" ];
      dropDot = lib.replaceStrings [ "." ] [ "" ];
    };
  };
  onlyCuda = package:
    lib.all (license: license.free or true || license.shortName == "CUDA EULA") (lib.toList (package.meta.license or [ ]));
in
programs [
  "autoAddDriverRunpath" "ccache" "clang-tools" "cli11" "cmake" "coreutils" "curl" "fd" "fmt" "gbenchmark" "git" "glibc" "gtest" "hello" "htop" "ipmitool" "jq" "libmd"
  "libreoffice" "mpi" "mpv" "ninja" "nlohmann_json" "numactl" "openssl" "pciutils" "pkg-config" "ripgrep" "shaderc"
  "smartmontools" "spirv-headers" "strace" "tl-expected" "vim" "vulkan-headers" "vulkan-loader" "vulkan-tools" "waybar" "zlib" "zstd" "zydis"
]
// {
  inherit lib config;
  path = ../.;
  stdenv = import ./stdenv.nix { inherit lib system config; name = "stdenv"; };
  callPackage = final.newScope { };
  newScope = extra: lib.callPackageWith (final // extra);

  runCommand = name: env: buildCommand: stdenv.mkDerivation ({ inherit name buildCommand; } // env);
  writeText = name: text: stdenv.mkDerivation { inherit name text; buildCommand = ''printf %s "$text" > "$out"''; };
  runtimeShell = "/bin/sh";
  writeShellScript = name: text: stdenv.mkDerivation {
    inherit name;
    text = "#!${final.runtimeShell}\n${text}\n";
    buildCommand = ''printf %s "$text" > "$out"; chmod +x "$out"'';
  };

  # The same programs, by standard environments that build static ones, for this system or another.
  pkgsStatic = final // {
    stdenv = import ./stdenv.nix { inherit lib system config; name = "static-stdenv"; static = true; };
    callPackage = lib.callPackageWith (final // final.pkgsStatic);
  };
  pkgsCross = lib.mapAttrs
    (name: target: {
      pkgsStatic = final // {
        stdenv = import ./stdenv.nix { inherit lib system config target; name = "${name}-stdenv"; static = true; };
        callPackage = lib.callPackageWith (final // final.pkgsCross.${name}.pkgsStatic);
      };
    })
    { musl64 = "x86_64-linux"; aarch64-multiplatform-musl = "aarch64-linux"; };

  bashInteractive = program "bash";
  blas = program "blas" // { meta.available = true; };
  postgresql_16 = program "postgresql";
  linuxPackages_latest = { kernel = program "linux"; perf = program "perf"; };
  nvtopPackages = lib.genAttrs [ "nvidia" "amd" "full" ] (card: program "nvtop");
  mkShell = { packages ? [ ], inputsFrom ? [ ] }: stdenv.mkDerivation {
    name = "nix-shell";
    buildInputs = packages ++ lib.concatMap (package: package.buildInputs or [ ]) inputsFrom;
  };
  python3 = program "python3" // { pkgs = programs [ "numpy" "poetry-core" ] // { buildPythonPackage = stdenv.mkDerivation; }; };

  # CUDA is not free, and its compiler wants a standard environment of its own.
  cudaPackages = cudaSet "12.8";
  cudaPackages_12 = cudaSet "12.9";
  cudaPackages_12_8 = cudaSet "12.8";
  cudaPackages_12_9 = cudaSet "12.9";
  cudaPackages_13 = cudaSet "13.0";
  _cuda.lib.allowUnfreeCudaPredicate = onlyCuda;

  rocmPackages = programs [ "hipblas" "rocblas" "rocm-device-libs" ] // {
    clr = program "clr" // {
      gpuTargets = [ "gfx906" "gfx90a" "gfx942" "gfx1030" "gfx1100" "gfx1101" "gfx1151" "gfx1200" ];
    };
    llvm.clang = program "clang";
  };

  # nixpkgs' own llama.cpp: other argument names than the official package's, and dispatch at run time.
  llama-cpp = callPackage ./llama-cpp.nix { };
  llama-cpp-rocm = final.llama-cpp.override { rocmSupport = true; };
  llama-cpp-vulkan = final.llama-cpp.override { vulkanSupport = true; };
  # Another package that builds upon it, by nixpkgs' names of the arguments.
  local-ai = program "local-ai" // {
    llama-cpp-rpc = (final.llama-cpp.overrideAttrs (finalAttrs: prev: {
      name = "llama-cpp-rpc";
      cmakeFlags = prev.cmakeFlags ++ [ (lib.cmakeBool "LLAMA_LOCAL_AI" true) ];
      buildInputs = prev.buildInputs ++ [ final.openssl ];
    }))
      .override { cudaSupport = false; openclSupport = false; blasSupport = false; rpcSupport = true; };
  };
}
# Names of before: gone with allowAliases = false.
// lib.optionalAttrs config.allowAliases {
  system = lib.warn "'system' has been renamed to/replaced by 'stdenv.hostPlatform.system'" stdenv.hostPlatform.system;
}
