# SPDX-License-Identifier: MIT
# llama.cpp from the official flake or from nixpkgs, built for the host that a plan describes.
#
#   overlay = import ./llama-cpp.nix { inherit inputs; plan = ./llama-fleet/plan/carbon.json; };
#
# inputs.llama-cpp is the official flake. plan is the path of a plan, or an attribute set of its form; only its `build`
# is read. Nothing is decided here: the plan is looked up. Without a plan the packages are portable AVX2 builds.
# rpc and webUi are optional pieces of llama.cpp; webUi = null leaves it to the package.
{ inputs, plan ? null, rpc ? false, webUi ? null }:
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
    cpu = if prev.stdenv.hostPlatform.isx86_64 then { flags = x86; variant = "haswell"; }
      else { flags = { }; variant = "armv8.0_1"; };
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
  document = if plan == null then { build = { }; } else if builtins.isAttrs plan then plan else read plan;
  given =
    if document.schema or "llama-fleet/plan" != "llama-fleet/plan" || document.version or 1 != 1 then
      say ("the plan is ${toString document.schema or "llama-fleet/plan"} version ${toString document.version or 1}, "
        + "this overlay reads llama-fleet/plan version 1: make both anew with `llama-fleet fit . --write`")
    else document.build or (say "the plan has no `build`");
  unknown = builtins.attrNames (builtins.removeAttrs given (builtins.attrNames portable));
  build =
    if unknown != [ ] then say "the plan has an unknown field: build.${lib.head unknown}" else portable // given;
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
  parts = builtins.match "-D([A-Za-z0-9_]+)(:[A-Z]+)?=(.*)";
  nameOf = flag: let found = parts flag; in if found == null then null else lib.head found;
  render = name: value:
    let known = matching "a flag's name" "[A-Za-z0-9_]+" name; in
    if builtins.isBool value then lib.cmakeBool known value
    else lib.cmakeFeature known (matching "the value of ${known}" "[A-Za-z0-9_.,:;+=/@%-]*" value);
  setFlags = new: old:
    builtins.filter (flag: let name = nameOf flag; in name == null || !(new ? ${name})) old
    ++ lib.mapAttrsToList render new;
  isOn = value: value == true || builtins.isString value
    && !(builtins.elem (lib.toUpper value) [ "" "0" "OFF" "NO" "FALSE" "N" "IGNORE" "NOTFOUND" ]);

  # What goes wrong in silence: seen in the flags as they are in the end, whoever gave them.
  checked = pname: flags:
    let on = name: lib.any (flag: nameOf flag == name && isOn (lib.last (parts flag))) flags; in
    if on "GGML_NATIVE" && !native then
      say "${pname}: GGML_NATIVE is on but the strategy is not builder-native: the result would be plain SSE2"
    else if on "GGML_NATIVE" && on "GGML_BACKEND_DL" then
      say "${pname} cannot be builder-native: ggml refuses GGML_NATIVE with GGML_BACKEND_DL"
    else if on "GGML_CUDA" && on "GGML_HIP" && !(on "GGML_BACKEND_DL") then
      say ("${pname} has GGML_CUDA and GGML_HIP without GGML_BACKEND_DL: one of the two would be lost in silence; "
        + "llama-cpp-multi builds both as libraries of their own")
    else flags;

  # Where the package comes from, and what that calls its arguments. Through `final`, so that the owner's nixpkgs, its
  # config (unfree, CUDA) and its overlays reach it. `stock` is what nixpkgs had before this overlay, also if the
  # overlay is there twice.
  stock = prev.llama-cpp.stock or (prev.llama-cpp or (say "this nixpkgs has no llama-cpp of its own"));
  sources = {
    flake = {
      package = (final.callPackage (inputs.llama-cpp + "/.devops/nix/scope.nix") { }).llama-cpp;
      called = "the pinned llama.cpp";
      update = "`nix flake update llama-cpp`";
      rocmTargets = list: if builtins.isList list then lib.concatStringsSep ";" list else list;
      runsItself = false;
      off = { };
      names = {
        cuda = "useCuda";
        rocm = "useRocm";
        vulkan = "useVulkan";
        blas = "useBlas";
        metal = "useMetalKit";
        rpc = "useRpc";
        webUi = "useWebUi";
      };
    };
    nixpkgs = {
      package = stock;
      called = "nixpkgs' llama-cpp";
      update = "`nix flake update nixpkgs`, or take the source flake";
      rocmTargets = list: if builtins.isList list then list else lib.splitString ";" list;
      runsItself = true; # llama-server writes its shell completions while the package is built
      off = { GGML_CPU_ALL_VARIANTS = false; GGML_BACKEND_DL = false; }; # whatever its arguments are
      names = {
        cuda = "cudaSupport";
        rocm = "rocmSupport";
        vulkan = "vulkanSupport";
        blas = "blasSupport";
        metal = "metalSupport";
        rpc = "rpcSupport";
        opencl = "openclSupport";
        sycl = "syclSupport";
        dispatch = "cpuArchDynamicDispatch";
      };
    };
  };
  source = sources.${oneOf "source" (builtins.attrNames sources) build.source};
  takes = lib.functionArgs source.package.override;
  original =
    if build.source == "nixpkgs" && takes ? ${sources.flake.names.cuda} then
      say ("pkgs.llama-cpp is the official flake's before this overlay comes, so nixpkgs' own is out of reach: "
        + "put this overlay before the official one, or take the source flake")
    else source.package;

  # The arguments for { cuda, rocm, … → value }. What is on must be there; what is off may be missing.
  arguments = pname: wishes:
    let
      name = wish: source.names.${wish} or "switch for ${wish}";
      missing = builtins.filter (wish: wishes.${wish} == true && !(takes ? ${name wish})) (builtins.attrNames wishes);
    in
    if missing != [ ] then
      say "${source.called} has no ${name (lib.head missing)}, which ${pname} needs: ${source.update}"
    else lib.mapAttrs' (wish: lib.nameValuePair (name wish)) (lib.filterAttrs (wish: value: takes ? ${name wish}) wishes);
  pieces = { inherit rpc; } // (
    if webUi == null then { }
    else if source.names ? webUi && takes ? ${source.names.webUi} then { inherit webUi; }
    else say "${source.called} has no argument for the web page: leave webUi null${
      lib.optionalString (build.source == "nixpkgs") " or take the source flake"}"
  );

  # All back ends are said, on or off, because their defaults depend on the owner's config (cudaSupport).
  uses = pname: backends: dispatch: arguments pname (
    lib.genAttrs [ "cuda" "rocm" "vulkan" ] (back: builtins.elem back backends)
    // { inherit (build) blas; }
    // lib.optionalAttrs (source.names ? dispatch && takes ? ${source.names.dispatch}) { inherit dispatch; }
    // pieces);

  # `override` understands the names of both sources: nixpkgs' own packages, and files from before, override `llama-cpp`
  # by nixpkgs' names.
  translated = pname: args:
    let
      other = if build.source == "flake" then sources.nixpkgs else sources.flake;
      names = lib.mapAttrs' (wish: name: lib.nameValuePair name wish) other.names;
      strange = builtins.filter (name: names ? ${name} && !(takes ? ${name})) (builtins.attrNames args);
      wishes = lib.listToAttrs (map (name: lib.nameValuePair names.${name} args.${name}) strange);
    in
    removeAttrs args strange // arguments pname wishes
    // lib.optionalAttrs (args ? rocmGpuTargets) { rocmGpuTargets = source.rocmTargets args.rocmGpuTargets; };

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
  };

  # A builder needs the CPU only where it runs what it builds. Nix then asks it for a feature of that name.
  tuned = cpu: lib.any isOn (builtins.attrValues (removeAttrs cpu [ "GGML_NATIVE" ]));
  needs = cpu: old:
    let feature = word: { requiredSystemFeatures = (old.requiredSystemFeatures or [ ]) ++ [ "llama-cpp-${word}" ]; }; in
    if native then feature "native-${cpuVariant}"
    else lib.optionalAttrs (source.runsItself && tuned cpu)
      (feature (if build.cpu.variant == null then "tuned" else cpuVariant));

  # What cannot be built says so in its meta, so that looking at all packages does not fail; its flags say why.
  unavailable = pname: meta: reason: original.overrideAttrs (old: {
    inherit pname;
    cmakeFlags = say reason;
    meta = (old.meta or { }) // meta (old.meta or { });
  });

  # ROCm is not everywhere.
  only.rocm = { called = "ROCm"; systems = [ "x86_64-linux" ]; };
  absent = builtins.filter (back: only ? ${back} && !(builtins.elem system only.${back}.systems));
  notHere = pname: backend: unavailable pname (meta: { badPlatforms = (meta.badPlatforms or [ ]) ++ [ system ]; })
    ("${pname} needs ${only.${backend}.called}, which is only on ${
      lib.concatStringsSep ", " only.${backend}.systems}, not on ${system}");

  common = { GGML_NATIVE = false; GGML_OPENMP = build.openmp; LLAMA_BUILD_SERVER = build.server; };

  # cpu: the flags of the CPU; more: those of the kind of package. Later ones win, the owner's last.
  package = pname: backends: { cpu ? build.cpu.flags, more ? { } }:
    let
      dispatch = more.GGML_CPU_ALL_VARIANTS or false;
      flags = common // source.off // cpu // lib.optionalAttrs native { GGML_NATIVE = true; } // more
        // gpuFlags backends // build.extraFlags;
      make = lib.setFunctionArgs
        (args: (original.override (translated pname args)).overrideAttrs (old: {
          inherit pname;
          cmakeFlags = checked pname (setFlags flags (old.cmakeFlags or [ ]));
          passthru = (old.passthru or { }) // { inherit stock; };
        } // onThisCpu pname old // needs cpu old))
        takes;
    in
    if absent backends != [ ] then notHere pname (lib.head (absent backends))
    else lib.makeOverridable make (uses pname backends dispatch // gpuArguments backends);

  backends = map (oneOf "multi" [ "cuda" "rocm" "vulkan" ]) build.multi;

  # One build for a whole fleet holds every CPU variant; a host's package is a copy of it with one of them. ggml looks
  # for variants beside the program that runs and follows links, so programs are copied, the rest is linked.
  whole = package "llama-cpp-whole" backends
    { cpu = { }; more = { GGML_BACKEND_DL = true; GGML_CPU_ALL_VARIANTS = true; }; };
  pinned = { variant, ... }@args:
    let
      changed = removeAttrs args [ "variant" ];
      from = if changed == { } then whole else whole.override changed;
    in
    final.runCommand "llama-cpp-universal-${variant}" {
      inherit variant;
      whole = from;
      passthru = { whole = from; inherit stock; };
      meta = builtins.intersectAttrs
        { description = 1; homepage = 1; license = 1; mainProgram = 1; platforms = 1; badPlatforms = 1; broken = 1; }
        from.meta;
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
    llama-cpp-cpu = package "llama-cpp-cpu" [ ] { };
    llama-cpp-cuda = package "llama-cpp-cuda" [ "cuda" ] { };
    llama-cpp-vulkan = package "llama-cpp-vulkan" [ "vulkan" ] { };
    llama-cpp-rocm = package "llama-cpp-rocm" [ "rocm" ] { };
    llama-cpp-multi =
      if backends == [ ] then
        unavailable "llama-cpp-multi" (meta: { broken = true; })
          "the plan names no backends for llama-cpp-multi (build.multi is empty)"
      else package "llama-cpp-multi" backends { more = { GGML_BACKEND_DL = true; }; };
    llama-cpp-universal = lib.makeOverridable pinned { variant = cpuVariant; };
  };
in
# `llama-cpp` is taken from here and not from `final`, where it could be its own ancestor.
packages // { llama-cpp = packages.${oneOf "package" (builtins.attrNames packages) build.package}; }
