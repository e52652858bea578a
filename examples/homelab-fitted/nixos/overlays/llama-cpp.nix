# Written by llama-fleet 0.1.0; sha256 of what follows: 6c73e740b34e2f8a6e3c72c902ebb06f7fec7885925a0b67da6d366961b5a49e
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

  # ggml's CPU variants: the x86 options of each, without GGML_, and what the ARM ones add to armv8-a.
  variants = rec {
    x64 = [ ];
    sse42 = [ "SSE42" ];
    sandybridge = sse42 ++ [ "AVX" ];
    ivybridge = sandybridge ++ [ "F16C" ];
    piledriver = ivybridge ++ [ "FMA" ];
    haswell = piledriver ++ [ "BMI2" "AVX2" ];
    alderlake = haswell ++ [ "AVX_VNNI" ];
    skylakex = haswell ++ [ "AVX512" ];
    cannonlake = skylakex ++ [ "AVX512_VBMI" ];
    cascadelake = skylakex ++ [ "AVX512_VNNI" ];
    icelake = cannonlake ++ [ "AVX512_VNNI" ];
    cooperlake = cascadelake ++ [ "AVX512_BF16" ];
    zen4 = icelake ++ [ "AVX512_BF16" ];
    sapphirerapids = zen4 ++ [ "AMX_TILE" "AMX_INT8" ];
  };
  armVariants = {
    "armv8.0_1" = "";
    "armv8.2_1" = "+dotprod";
    "armv8.2_2" = "+dotprod+fp16";
    "armv8.2_3" = "+dotprod+fp16+sve";
    "armv8.6_1" = "+dotprod+fp16+sve+i8mm";
    "armv8.6_2" = "+dotprod+fp16+sve+i8mm+sve2";
    "armv9.2_1" = "+dotprod+fp16+sve+i8mm+sme";
    "armv9.2_2" = "+dotprod+fp16+sve+i8mm+sve2+sme";
  };
  x86Options = variants.sapphirerapids ++ [ "AVX_VNNI" "AMX_BF16" ];
  otherOptions = [ "RVV" "RV_ZFH" "RV_ZVFH" "RV_ZICBOP" "RV_ZIHINTPAUSE" "RV_ZBA" "RV_ZVFBFWMA" "XTHEADVECTOR" "LSX" "LASX" "VXE" ];

  # What is built where no plan says otherwise: runs on every x86-64 CPU since 2013 (Haswell).
  x86 = lib.listToAttrs
    (map (name: lib.nameValuePair "GGML_${name}" (builtins.elem name variants.haswell)) x86Options);
  portable = {
    strategy = "tailored";
    package = "llama-cpp-cpu";
    source = "flake";
    blas = false;
    openmp = true;
    server = true;
    cpu = { native = null; } // (
      if prev.stdenv.hostPlatform.isx86_64 then { flags = x86; variant = "haswell"; }
      else { flags = { }; variant = "armv8.0_1"; });
    cuda = { architectures = null; packages = null; }; # null: the package's own list; nixpkgs' default CUDA
    rocm.targets = null;
    multi = [ ];
    extraFlags = { };
  };

  # The plan's form: each field's type, by the names of builtins.typeOf.
  form = {
    strategy = [ "string" ];
    package = [ "string" ];
    source = [ "string" ];
    blas = [ "bool" ];
    openmp = [ "bool" ];
    server = [ "bool" ];
    cpu = { flags = [ "set" ]; variant = [ "string" "null" ]; native = [ "string" "null" ]; };
    cuda = { architectures = [ "string" "null" ]; packages = [ "string" "null" ]; };
    rocm.targets = [ "string" "null" ];
    multi = [ "list" ];
    extraFlags = [ "set" ];
  };

  # given over standard, field by field, and only in that form.
  merged = place: types: standard: given:
    let unknown = builtins.attrNames (removeAttrs given (builtins.attrNames types)); in
    if !(builtins.isAttrs given) then say "${place} is of type ${builtins.typeOf given}, not set"
    else if unknown != [ ] then say "the plan has an unknown field: ${place}.${lib.head unknown}"
    else builtins.mapAttrs
      (name: type:
        let value = given.${name}; here = "${place}.${name}"; in
        if !(given ? ${name}) then standard.${name}
        else if builtins.isAttrs type then merged here type standard.${name} value
        else if builtins.elem (builtins.typeOf value) type then value
        else say "${here} is of type ${builtins.typeOf value}, not ${lib.concatStringsSep " or " type}")
      types;

  # The plan. It is read when a package is used, not before, so a host without one still evaluates.
  read = path:
    let
      host = lib.removeSuffix ".json" (baseNameOf path);
      text = builtins.readFile path;
    in
    if !(builtins.pathExists path) then
      say "no plan for ${host}: on that machine, run `llama-fleet fit . --here ${host} --write --git-add`"
    else if builtins.match "[[:space:]]*[{].*" (builtins.substring 0 80 (lib.replaceStrings [ "\n" ] [ " " ] text)) == null then
      say "the plan of ${host} (${toString path}) is no JSON object: make it anew with `llama-fleet fit . --write`"
    else builtins.addErrorContext "llama-fleet: while reading the plan ${toString path}" (builtins.fromJSON text);
  document =
    if plan == null then { build = { }; }
    else if builtins.isAttrs plan && !(plan ? outPath) then plan
    else read plan;
  given =
    if document.schema or "llama-fleet/plan" != "llama-fleet/plan" || document.version or 1 != 1 then
      say ("the plan is ${toString document.schema or "llama-fleet/plan"} version ${toString document.version or 1}, "
        + "this overlay reads llama-fleet/plan version 1: make both anew with `llama-fleet fit . --write`")
    else document.build or (say "the plan has no `build`");
  # Where only the package is said, the strategy is its own.
  universal = given.package or "" == "llama-cpp-universal";
  build =
    let all = merged "build" form (portable // lib.optionalAttrs universal { strategy = "universal"; }) given; in
    if (builtins.deepSeq all all.strategy == "universal") != (all.package == "llama-cpp-universal") then
      say ("the plan's strategy ${all.strategy} and its package ${all.package} contradict each other: "
        + "the strategy universal and the package llama-cpp-universal go together")
    else all;
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

  # What goes wrong in silence: seen in the flags as they are in the end, whoever gave them. dispatch: this package is
  # meant to choose among CPU variants when it starts.
  checked = pname: dispatch: flags:
    let
      of = name: builtins.filter (flag: nameOf flag == name) flags;
      value = flag: lib.last (parts flag);
      on = name: lib.any (flag: isOn (value flag)) (of name);
      foreign = builtins.filter (name: on "GGML_${name}") x86Options;
      impure = builtins.filter (flag: builtins.match ".*-m(arch|cpu)=native.*" (value flag) != null)
        (of "CMAKE_C_FLAGS" ++ of "CMAKE_CXX_FLAGS");
      faults = [
        { seen = on "GGML_NATIVE" && !native;
          text = "${pname}: GGML_NATIVE is on but the strategy is not builder-native: the result would be plain SSE2"; }
        { seen = impure != [ ] && !native;
          text = "${pname}: ${nameOf (lib.head impure)} has ${value (lib.head impure)} but the strategy is not "
            + "builder-native: Nix' compiler drops it and the result would be plain SSE2"; }
        { seen = on "GGML_NATIVE" && on "GGML_BACKEND_DL";
          text = "${pname} cannot be builder-native: ggml refuses GGML_NATIVE with GGML_BACKEND_DL"; }
        { seen = on "GGML_CPU_ALL_VARIANTS" && !dispatch;
          text = "${pname}: GGML_CPU_ALL_VARIANTS is on, and then ggml ignores the plan's flags for the CPU: leave it "
            + "off, or take llama-cpp-universal"; }
        { seen = on "GGML_CUDA" && on "GGML_HIP" && !(on "GGML_BACKEND_DL");
          text = "${pname} has GGML_CUDA and GGML_HIP without GGML_BACKEND_DL: one of the two would be lost in silence; "
            + "llama-cpp-multi builds both as libraries of their own"; }
        { seen = foreign != [ ] && !prev.stdenv.hostPlatform.isx86_64;
          text = "${pname}: GGML_${lib.head foreign} is for x86 and this package for ${system}: "
            + "the plan is of another machine"; }
        { seen = runsItself && of "LLAMA_BUILD_SERVER" != [ ] && !(on "LLAMA_BUILD_SERVER");
          text = "${pname}: ${source.called} runs its llama-server while it is built, so it cannot do without: "
            + "leave server on or take the source flake"; }
      ];
      seen = builtins.filter (fault: fault.seen) faults;
    in
    if seen != [ ] then say (lib.head seen).text else flags;

  # Where the package comes from, and what that calls its arguments. Through `final`, so that the owner's nixpkgs, its
  # config (unfree, CUDA) and its overlays reach it. `stock` is what nixpkgs had before this overlay, also if the
  # overlay is there twice.
  stock = prev.llama-cpp.stock or (prev.llama-cpp or (say "this nixpkgs has no llama-cpp of its own"));
  official =
    if inputs.llama-cpp or null != null then inputs.llama-cpp
    else say ("the official flake is not among the inputs: inputs.llama-cpp.url = \"github:ggml-org/llama.cpp\"; "
      + "(or the source nixpkgs)");
  sources = {
    flake = {
      package = (final.callPackage (official + "/.devops/nix/scope.nix") { }).llama-cpp;
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
  # Only a builder that can run what it builds does so.
  runsItself = source.runsItself && (
    let inherit (prev.stdenv) buildPlatform hostPlatform; in
    if buildPlatform ? canExecute then buildPlatform.canExecute hostPlatform
    else buildPlatform.system == hostPlatform.system);
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
  hip = backends: builtins.elem "rocm" backends && build.rocm.targets != null;
  hipTargets = targets "rocm.targets" build.rocm.targets;
  gpuArguments = backends:
    lib.optionalAttrs (hip backends && takes ? rocmGpuTargets) { rocmGpuTargets = source.rocmTargets hipTargets; }
    // lib.optionalAttrs (builtins.elem "cuda" backends && cudaSet != null) {
      cudaPackages =
        if !(takes ? cudaPackages) then say "${source.called} has no argument cudaPackages, so it cannot be built with ${cudaSet}: ${source.update}"
        else final.${cudaSet} or (say cudaMissing);
    };

  # Which CUDA: not every one compiles for the host's cards or runs under its driver.
  cudaSet = if build.cuda.packages == null then null
    else matching "cuda.packages" "cudaPackages_[0-9]+(_[0-9]+)?" build.cuda.packages;
  cudaMissing = "this nixpkgs has no ${cudaSet}, the CUDA that the plan's cards and driver need: "
    + "`nix flake update nixpkgs`, or another set under \"cudaPackages\" in llama-fleet/overrides.json";
  gpuFlags = backends:
    lib.optionalAttrs (builtins.elem "cuda" backends && build.cuda.architectures != null)
      { CMAKE_CUDA_ARCHITECTURES = targets "cuda.architectures" build.cuda.architectures; }
    // lib.optionalAttrs (hip backends && !(takes ? rocmGpuTargets)) { CMAKE_HIP_ARCHITECTURES = hipTargets; };

  cpuVariant = matching "cpu.variant" "[a-z0-9_.]+" build.cpu.variant;

  # A name of this very CPU; ggml's variant is shared by many, and stands in where the plan has none.
  cpuNative = if build.cpu.native == null then cpuVariant else matching "cpu.native" "[a-z0-9_.-]+" build.cpu.native;

  # GGML_NATIVE=ON means something in a Nix build only if the compiler wrapper lets -march=native pass and the result is
  # never taken from another machine. The flags that ggml then ignores stay in, so that the derivation knows the CPU.
  onThisCpu = pname: old: lib.optionalAttrs native {
    pname = "${pname}-native-${cpuNative}";
    env = (old.env or { }) // { NIX_ENFORCE_NO_NATIVE = "0"; };
    preferLocalBuild = true;
    allowSubstitutes = false;
  };

  # What the flags ask of a CPU: options that are on, ARM's -march, and what else is said to the compiler. Among several
  # variants ggml chooses by itself, and only the compiler's own flags are in all of the code.
  tuningOf = dispatch: cpu:
    let
      flags = cpu // build.extraFlags;
      text = name: let value = flags.${name} or ""; in if builtins.isString value then value else "";
      options = removeAttrs cpu [ "GGML_NATIVE" "GGML_CPU_ARM_ARCH" ]
        // lib.genAttrs (map (name: "GGML_${name}") (x86Options ++ otherOptions)) (name: false);
    in
    {
      on = if dispatch then [ ] else builtins.filter (name: isOn (flags.${name} or false)) (builtins.attrNames options);
      march = if dispatch then "" else text "GGML_CPU_ARM_ARCH";
      other = builtins.filter (value: lib.hasPrefix "-m" value)
        (lib.unique (map text [ "CMAKE_C_FLAGS" "CMAKE_CXX_FLAGS" ]
          ++ lib.optional (!dispatch && text "GGML_CPU_POWERPC_CPUTYPE" != "") "-mcpu=${text "GGML_CPU_POWERPC_CPUTYPE"}"));
    };
  plainMarch = [ "" "armv8-a" ];

  # A builder needs the CPU only where it runs what it builds. Nix then asks it for a feature of that name: ggml's variant
  # (on ARM the -march), and every option that the variant does not have.
  word = tuning:
    let
      variant = if build.cpu.variant == null then "tuned" else cpuVariant;
      own = map (name: "GGML_${name}") (variants.${variant} or [ ]);
      beyond = builtins.filter (name: !(builtins.elem name own)) tuning.on;
    in
    lib.concatStringsSep "-" (
      [ (if builtins.elem tuning.march plainMarch then variant else matching "GGML_CPU_ARM_ARCH" "[a-z0-9.+-]+" tuning.march) ]
      ++ map (name: lib.toLower (lib.removePrefix "GGML_" name)) beyond
      ++ map (lib.removePrefix "-m") tuning.other);
  needs = tuning: old:
    let feature = name: { requiredSystemFeatures = (old.requiredSystemFeatures or [ ]) ++ [ "llama-cpp-${name}" ]; }; in
    if native then feature "native-${cpuNative}"
    else lib.optionalAttrs
      (runsItself && (tuning.on != [ ] || tuning.other != [ ] || !(builtins.elem tuning.march plainMarch)))
      (feature (word tuning));

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

  # cpu: the flags of the CPU; more: those of the kind of package. Later ones win, the owner's last. What the arguments
  # turn on counts, so that a back end that comes by `override` has the plan's targets too.
  package = pname: backends: { cpu ? build.cpu.flags, more ? { } }:
    let
      dispatch = more.GGML_CPU_ALL_VARIANTS or false;
      tuning = tuningOf dispatch cpu;
      make = lib.setFunctionArgs
        (args:
          let
            known = translated pname args;
            asked = wish: known.${source.names.${wish} or "no such argument"} or false;
            cards = builtins.filter asked [ "cuda" "rocm" ];
            flags = common // lib.optionalAttrs (!(asked "dispatch")) source.off // cpu
              // lib.optionalAttrs native { GGML_NATIVE = true; } // more // gpuFlags cards // build.extraFlags;
          in
          (original.override (gpuArguments cards // known)).overrideAttrs (old: {
            inherit pname;
            cmakeFlags = checked pname dispatch (setFlags flags (old.cmakeFlags or [ ]));
            passthru = (old.passthru or { }) // { inherit stock tuning; };
          } // onThisCpu pname old // needs tuning old))
        takes;
    in
    if absent backends != [ ] then notHere pname (lib.head (absent backends))
    else if builtins.elem "cuda" backends && cudaSet != null && !(final ? ${cudaSet}) then
      # nixpkgs refuses what is broken before anything says why, so the chosen package is not.
      unavailable pname (meta: lib.optionalAttrs (pname != build.package) { broken = true; }) cudaMissing
    else lib.makeOverridable make (uses pname backends dispatch);

  backends = map (oneOf "multi" [ "cuda" "rocm" "vulkan" ]) build.multi;

  # One build for a whole fleet holds every CPU variant; a host's package is a copy of it with one of them. ggml looks
  # for variants beside the program that runs and follows links, so programs are copied, the rest is linked. A wrapper
  # names the program that it starts, and that is to be the copy.
  whole = package "llama-cpp-whole" backends
    { cpu = { }; more = { GGML_BACKEND_DL = true; GGML_CPU_ALL_VARIANTS = true; }; };
  pinned = { variant, ... }@args:
    let changed = removeAttrs args [ "variant" ]; in
    copyOf variant (if changed == { } then whole else whole.override changed);
  # To others it is the package that it was copied from: nixpkgs changes attributes of `llama-cpp` and reads them.
  copyOf = variant: whole:
    final.runCommand "llama-cpp-universal-${variant}" {
      inherit variant whole;
      passthru = builtins.intersectAttrs
        { version = 1; src = 1; cmakeFlags = 1; nativeBuildInputs = 1; buildInputs = 1; propagatedBuildInputs = 1; }
        whole // {
        pname = "llama-cpp-universal";
        inherit whole stock;
        tuning = {
          on = map (name: "GGML_${name}") (variants.${variant} or [ ]);
          march = if armVariants ? ${variant} then "armv8-a${armVariants.${variant}}" else "";
          other = lib.optional (!(variants ? ${variant} || armVariants ? ${variant})) variant;
        };
      };
      meta = builtins.intersectAttrs
        { description = 1; homepage = 1; license = 1; mainProgram = 1; platforms = 1; badPlatforms = 1; broken = 1; }
        whole.meta;
    } ''
      test -e "$whole/bin/libggml-cpu-$variant.so" || { echo "$whole has no CPU variant $variant" >&2; exit 1; }
      mkdir -p "$out/bin"
      for file in "$whole"/*; do
        case "$file" in */bin) ;; *) ln -s "$file" "$out/" ;; esac
      done
      for file in "$whole"/bin/* "$whole"/bin/.[!.]*; do
        [ -e "$file" ] || continue
        case "$file" in
          */libggml-cpu-"$variant".so) ln -s "$file" "$out/bin/" ;;
          */libggml-cpu-*) ;;
          *.so | *.so.*) ln -s "$file" "$out/bin/" ;;
          *)
            cp "$file" "$out/bin/"
            if [ "$(head -c 2 "$file")" = "#!" ]; then sed -i "s|$whole/bin/|$out/bin/|g" "$out/bin/''${file##*/}"; fi
            ;;
        esac
      done
    '' // { overrideAttrs = change: copyOf variant (whole.overrideAttrs change); };

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
