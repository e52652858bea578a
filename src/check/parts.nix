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
    "NIX_CFLAGS_COMPILE"
    "NIX_CFLAGS_COMPILE_BEFORE"
    "NIX_CFLAGS_COMPILE_AFTER"
    "NIX_CXXFLAGS_COMPILE"
    "NIX_ENFORCE_NO_NATIVE"
    "CFLAGS"
    "CXXFLAGS"
    "CPPFLAGS"
    "CUDAFLAGS"
    "HIPFLAGS"
    "CUDAARCHS"
  ];

  # A package that is a pinned copy of a whole build names that build in `whole`.
  facts = package:
    let
      build = package.whole or package;
      environment = build.env or { };
      isSet = name: (build.${name} or environment.${name} or null) != null;
    in
    {
      name = text (package.name or "");
      version = text (package.version or "");
      mainProgram = text (package.meta.mainProgram or "");
      hasFlags = build ? cmakeFlags;
      cmakeFlags = texts (build.cmakeFlags or null);
      structured = build.__structuredAttrs or false == true;
      environment = builtins.listToAttrs (map
        (name: { inherit name; value = text (build.${name} or environment.${name}); })
        (builtins.filter isSet variables));
      requiredFeatures = texts (build.requiredSystemFeatures or null);
      gccArch = text (build.stdenv.hostPlatform.gcc.arch or "");
    };

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
