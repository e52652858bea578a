# SPDX-License-Identifier: MIT
# What the questions to a flake have in common: reading a package without being ended by what is missing or throws in it.
rec {
  caught = value:
    let result = builtins.tryEval (builtins.deepSeq value value);
    in if result.success then { ok = true; inherit (result) value; } else { ok = false; value = null; };

  text = value:
    if builtins.isAttrs value && !(value ? outPath || value ? __toString) then "{ }"
    else builtins.unsafeDiscardStringContext (toString value);

  texts = value:
    if value == null then [ ]
    else if builtins.isList value then map text value
    else [ (text value) ];

  # What else reaches the compiler: read by nixpkgs' compiler wrapper, by its setup and by CMake.
  variables = [
    "cmakeBuildType"
    "NIX_CFLAGS_COMPILE"
    "NIX_CFLAGS_COMPILE_BEFORE"
    "NIX_CFLAGS_COMPILE_AFTER"
    "NIX_CXXFLAGS_COMPILE"
    "NIX_CXXSTDLIB_COMPILE"
    "NIX_ENFORCE_NO_NATIVE"
    "CFLAGS"
    "CXXFLAGS"
    "CPPFLAGS"
    "CUDAFLAGS"
    "HIPFLAGS"
    "CUDAARCHS"
    "NVCC_PREPEND_FLAGS"
    "NVCC_APPEND_FLAGS"
    "CMAKE_TOOLCHAIN_FILE"
  ];

  # Shell text up to the compiler, and what takes the place of nixpkgs' hook for CMake.
  hooks = [
    "postUnpack"
    "prePatch"
    "patchPhase"
    "postPatch"
    "preConfigure"
    "configurePhase"
    "postConfigure"
    "preBuild"
    "buildPhase"
    "cmakeFlagsArray"
    "dontUseCmakeConfigure"
  ];

  # Where the source of a package lies, if evaluation alone has it: nothing is ever fetched or built for that.
  source = build:
    let
      src = build.src or null;
      place = if builtins.isAttrs src then src.outPath or null else src;
      context = if builtins.isString place then builtins.attrValues (builtins.getContext place) else [ ];
      isOutput = one: one ? outputs || one ? allOutputs;
    in
    if place == null || !(builtins.isString place || builtins.isPath place)
    then { key = ""; why = "the package names no source"; }
    else if builtins.any isOutput context
    then { key = ""; why = "its source is fetched when it is built, so evaluation does not have it"; }
    else { key = text place; inherit place; why = ""; };

  # The CMake files of a source tree, by their path in it. The depth reaches ggml/src/ggml-vulkan/vulkan-shaders.
  cmakeFiles = place:
    let
      walk = depth: prefix: folder:
        let kinds = builtins.readDir folder; in
        builtins.concatMap
          (name:
            let kind = kinds.${name}; in
            if kind == "regular" && (name == "CMakeLists.txt" || builtins.match ".*[.]cmake" name != null)
            then [{ name = prefix + name; value = builtins.unsafeDiscardStringContext (builtins.readFile (folder + "/${name}")); }]
            else if kind == "directory" && depth > 0 && builtins.substring 0 1 name != "."
            then walk (depth - 1) "${prefix}${name}/" (folder + "/${name}")
            else [ ])
          (builtins.attrNames kinds);
      top = builtins.readDir place;
    in
    if (top."CMakeLists.txt" or "") == "regular" then builtins.listToAttrs (walk 4 "" place) else { };

  # A package that is a pinned copy of a whole build names that build in `whole`.
  facts = package:
    let
      build = package.whole or package;
      environment = build.env or { };
      isSet = name: (build.${name} or environment.${name} or null) != null;
      those = names: builtins.listToAttrs (map
        (name: { inherit name; value = text (build.${name} or environment.${name}); })
        (builtins.filter isSet names));
      from = source build;
      isGgml = input: (builtins.tryEval (builtins.isAttrs input && input.pname or null == "ggml")).value == true;
      ggml = builtins.filter isGgml ((build.buildInputs or [ ]) ++ (build.propagatedBuildInputs or [ ]));
    in
    {
      name = text (package.name or "");
      version = text (package.version or "");
      mainProgram = text (package.meta.mainProgram or "");
      hasFlags = build ? cmakeFlags;
      cmakeFlags = texts (build.cmakeFlags or null);
      structured = build.__structuredAttrs or false == true;
      environment = those variables;
      hooks = those hooks;
      requiredFeatures = texts (build.requiredSystemFeatures or null);
      gccArch = text (build.stdenv.hostPlatform.gcc.arch or "");
      source = from.key;
      sourceWhy = from.why;
      # Where ggml is a package of its own (LLAMA_USE_SYSTEM_GGML).
      ggmlVersion = if ggml == [ ] then "" else text ((builtins.head ggml).version or "");
      buildDrv = (caught (text build.drvPath)).value;
    };

  # Where the files of a package will lie, all its outputs; known before anything is built.
  outputs = package: map (output: text ((package.${output} or package).outPath or "")) (package.outputs or [ "out" ]);

  isLlama = package:
    let name = builtins.tryEval (package.pname or package.name or "");
    in name.success && builtins.isString name.value && builtins.match "llama[-.]cpp.*" name.value != null;

  # `tell WHERE PACKAGE` for every llama.cpp that a host really gets.
  installed = tell: config:
    let
      among = where: packages:
        map (tell where) (builtins.filter
          (package: (builtins.tryEval (builtins.isAttrs package)).value && isLlama package)
          packages);
      perUser = prefix: suffix: users: pick:
        builtins.concatLists (map (user: among "${prefix}.${user}.${suffix}" (pick users.${user}))
          (builtins.attrNames users));
    in
    among "environment.systemPackages" (config.environment.systemPackages or [ ])
    ++ perUser "users.users" "packages" (config.users.users or { }) (user: user.packages or [ ])
    ++ perUser "home-manager.users" "home.packages" (config.home-manager.users or { }) (user: user.home.packages or [ ])
    ++ (if config.services.llama-cpp.enable or false && config.services.llama-cpp ? package
        then among "services.llama-cpp.package" [ config.services.llama-cpp.package ]
        else [ ]);
}
