# Written by llama-fleet 0.1.0; sha256 of what follows: 81bde90681ffd895c8155d45aa616e8bf066a8645d8db3c8e1b4e74baa3b84e7
# SPDX-License-Identifier: MIT
# llama.cpp from the official flake, built for the host that a plan describes.
#
#   overlay = import ./llama-cpp.nix { inherit inputs; plan = ./llama-fleet/plan/carbon.json; };
#
# inputs.llama-cpp is the official flake. plan is the path of a plan, or an attribute set of its form; only its `build`
# is read. Nothing is decided here: the plan is looked up. Without a plan the packages are portable AVX2 builds.
{ inputs, plan ? null }:
final: prev:
let
  inherit (prev) lib;
  inherit (prev.stdenv.hostPlatform) system;
  say = text: throw "llama-fleet: ${text}";

  # What is built where no plan says otherwise: runs on every x86-64 CPU since 2013 (Haswell).
  x86 = lib.genAttrs [ "GGML_SSE42" "GGML_AVX" "GGML_F16C" "GGML_AVX2" "GGML_BMI2" "GGML_FMA" ] (name: true)
    // lib.genAttrs [
      "GGML_AVX_VNNI" "GGML_AVX512" "GGML_AVX512_VBMI" "GGML_AVX512_VNNI" "GGML_AVX512_BF16"
      "GGML_AMX_TILE" "GGML_AMX_INT8" "GGML_AMX_BF16"
    ] (name: false);
  portable = {
    strategy = "tailored";
    package = "llama-cpp-cpu";
    source = "flake";
    blas = false;
    openmp = true;
    server = true;
    cpu = { flags = lib.optionalAttrs prev.stdenv.hostPlatform.isx86_64 x86; variant = "haswell"; };
    cuda.architectures = null; # null: the package's own list
    rocm.targets = null;
    multi = [ ];
    extraFlags = { };
  };

  # The plan. It is read when a package is used, not before, so a host without one still evaluates.
  read = path:
    if builtins.pathExists path then builtins.fromJSON (builtins.readFile path)
    else let host = lib.removeSuffix ".json" (baseNameOf path); in
      say "no plan for ${host}: on that machine, run `llama-fleet fit . --here ${host} --write --git-add`";
  given =
    if plan == null then { }
    else (if builtins.isAttrs plan then plan else read plan).build or (say "the plan has no `build`");
  unknown = builtins.attrNames (builtins.removeAttrs given (builtins.attrNames portable));
  build =
    if unknown != [ ] then say "the plan has an unknown field: build.${lib.head unknown}"
    else if given.source or "flake" != "flake" then
      say "source is ${builtins.toJSON given.source}, only \"flake\" is known"
    else portable // given;
  native = oneOf "strategy" [ "tailored" "universal" "builder-native" ] build.strategy == "builder-native";

  # What comes from the plan reaches shell text and paths, so it is checked here too.
  oneOf = what: words: word:
    if builtins.elem word words then word
    else say "${what} is ${builtins.toJSON word}, not one of ${lib.concatStringsSep ", " words}";
  matching = what: pattern: text:
    if builtins.isString text && builtins.match pattern text != null then text
    else say "${what} is not a plain word: ${builtins.toJSON text}";
  targets = what: matching what "[a-z0-9-]+(;[a-z0-9-]+)*";

  # CMake flags are replaced by name, whatever their type and spelling; one name, one flag.
  nameOf = flag:
    let found = builtins.match "-D([A-Za-z0-9_]+)(:[A-Z]+)?=.*" flag; in
    if found == null then null else lib.head found;
  render = name: value:
    let known = matching "a flag's name" "[A-Za-z0-9_]+" name; in
    if builtins.isBool value then lib.cmakeBool known value
    else lib.cmakeFeature known (matching "the value of ${known}" "[A-Za-z0-9_.,:;+=/@%-]*" value);
  setFlags = new: old:
    builtins.filter (flag: let name = nameOf flag; in name == null || !(new ? ${name})) old
    ++ lib.mapAttrsToList render new;

  common = { GGML_NATIVE = false; GGML_OPENMP = build.openmp; LLAMA_BUILD_SERVER = build.server; };
  cpu = common // build.cpu.flags // lib.optionalAttrs native { GGML_NATIVE = true; };

  # Through `final`, so that the owner's nixpkgs, its config (unfree, CUDA) and its overlays reach the package.
  official = (final.callPackage (inputs.llama-cpp + "/.devops/nix/scope.nix") { }).llama-cpp;
  takes = lib.functionArgs official.override;

  # All four are said, because their defaults depend on the owner's config (cudaSupport).
  uses = pname: backends:
    let
      wanted = lib.mapAttrs (name: back: builtins.elem back backends)
        { useCuda = "cuda"; useRocm = "rocm"; useVulkan = "vulkan"; } // { useBlas = build.blas; };
      missing = builtins.attrNames (lib.filterAttrs (name: on: on && !(takes ? ${name})) wanted);
    in
    if missing == [ ] then lib.filterAttrs (name: on: takes ? ${name}) wanted
    else say "the pinned llama.cpp has no ${lib.head missing}, which ${pname} needs: `nix flake update llama-cpp`";

  # The machine code of GPUs. ROCm's list goes through the argument where there is one: that fills the flag.
  hip = backends: lib.optionalAttrs (builtins.elem "rocm" backends && build.rocm.targets != null)
    { CMAKE_HIP_ARCHITECTURES = targets "rocm.targets" build.rocm.targets; };
  gpuArguments = backends: lib.optionalAttrs (hip backends != { } && takes ? rocmGpuTargets)
    { rocmGpuTargets = (hip backends).CMAKE_HIP_ARCHITECTURES; };
  gpuFlags = backends:
    lib.optionalAttrs (builtins.elem "cuda" backends && build.cuda.architectures != null)
      { CMAKE_CUDA_ARCHITECTURES = targets "cuda.architectures" build.cuda.architectures; }
    // lib.optionalAttrs (!(takes ? rocmGpuTargets)) (hip backends);

  cpuVariant = matching "cpu.variant" "[a-z0-9_.]+" build.cpu.variant;

  # GGML_NATIVE=ON means something in a Nix build only if the compiler wrapper lets -march=native pass and the result is
  # never taken from another machine. The flags that ggml then ignores stay in, so that the derivation knows the CPU.
  onThisCpu = pname: old: lib.optionalAttrs native {
    pname = "${pname}-native-${cpuVariant}";
    env = (old.env or { }) // { NIX_ENFORCE_NO_NATIVE = "0"; };
    preferLocalBuild = true;
    allowSubstitutes = false;
    requiredSystemFeatures = (old.requiredSystemFeatures or [ ]) ++ [ "llama-cpp-native-${cpuVariant}" ];
  };

  package = pname: backends: flags:
    let all = flags // gpuFlags backends // build.extraFlags; in
    if builtins.elem "rocm" backends && system != "x86_64-linux" then
      say "${pname} needs ROCm, which is only on x86_64-linux, not on ${system}"
    else if (all.GGML_NATIVE or false) != false && !native then
      say "GGML_NATIVE is on but the strategy is not builder-native: the result would be plain SSE2"
    else if native && flags ? GGML_BACKEND_DL then
      say "${pname} cannot be builder-native: ggml refuses GGML_NATIVE with GGML_BACKEND_DL"
    else (official.override (uses pname backends // gpuArguments backends)).overrideAttrs (old: {
      inherit pname;
      cmakeFlags = setFlags all (old.cmakeFlags or [ ]);
    } // onThisCpu pname old);

  backends = map (oneOf "multi" [ "cuda" "rocm" "vulkan" ]) build.multi;

  # One build for a whole fleet holds every CPU variant; a host's package is a copy of it with one of them. ggml looks
  # for variants beside the program that runs and follows links, so programs are copied, the rest is linked.
  whole = package "llama-cpp-whole" backends (common // { GGML_BACKEND_DL = true; GGML_CPU_ALL_VARIANTS = true; });
  pinned = { variant }: final.runCommand "llama-cpp-universal-${variant}" {
    inherit whole variant;
    passthru = { inherit whole; };
    meta = builtins.intersectAttrs
      { description = 1; homepage = 1; license = 1; mainProgram = 1; platforms = 1; } whole.meta;
  } ''
    test -e "$whole/bin/libggml-cpu-$variant.so" || { echo "$whole has no CPU variant $variant" >&2; exit 1; }
    mkdir -p "$out/bin"
    for file in "$whole"/*; do
      case "$file" in */bin) ;; *) ln -s "$file" "$out/" ;; esac
    done
    for file in "$whole"/bin/*; do
      case "$file" in
        */libggml-cpu-"$variant".so) ln -s "$file" "$out/bin/" ;;
        */libggml-cpu-*) ;;
        *.so | *.so.*) ln -s "$file" "$out/bin/" ;;
        *) cp "$file" "$out/bin/" ;;
      esac
    done
  '';

  packages = {
    llama-cpp-cpu = package "llama-cpp-cpu" [ ] cpu;
    llama-cpp-cuda = package "llama-cpp-cuda" [ "cuda" ] cpu;
    llama-cpp-vulkan = package "llama-cpp-vulkan" [ "vulkan" ] cpu;
    llama-cpp-rocm = package "llama-cpp-rocm" [ "rocm" ] cpu;
    llama-cpp-multi =
      if backends == [ ] then say "the plan names no backends for llama-cpp-multi (build.multi is empty)"
      else package "llama-cpp-multi" backends (cpu // { GGML_BACKEND_DL = true; });
    llama-cpp-universal = lib.makeOverridable pinned { variant = cpuVariant; };
  };
in
# `llama-cpp` is taken from here and not from `final`, where it could be its own ancestor.
packages // { llama-cpp = packages.${oneOf "package" (builtins.attrNames packages) build.package}; }
