# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): mkDerivation, with overrideAttrs, `env`, passthru, and the
# refusal of unfree packages. A build runs buildCommand or installPhase in /bin/sh; without either it makes one script.
# `builder` is another shell text to build with: tests/real_builds gives one that compiles.
# `target` is the system that is built for, where that is another one, and `static` says that programs are static.
{ lib, system, config, name, builder ? null, target ? system, static ? false }:
let
  stdenvName = name;

  # A package is refused when its derivation is asked for, not before: its name and flags can still be read.
  isUnfree = args: lib.any (license: !(license.free or true)) (lib.toList (args.meta.license or [ ]));
  allowed = args: config.allowUnfree || !isUnfree args || (config.allowUnfreePredicate or (package: false)) args;
  licence = args: (lib.head (lib.toList args.meta.license)).shortName;
  refusal = fullName: args: ''
    Refusing to evaluate package '${fullName}' in the stand-in for nixpkgs because it has an unfree license (‘${licence args}’)

    Allow it in the configuration:
      { nixpkgs.config.allowUnfree = true; }
    or by a predicate:
      { nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ "${lib.getName args}" ]; }
  '';

  # So is one for another system, which `available` and allowUnsupportedSystem know about.
  elsewhere = args: builtins.elem target (args.meta.badPlatforms or [ ])
    || !(builtins.elem target (args.meta.platforms or [ target ]));
  broken = args: args.meta.broken or false;
  marked = fullName: ''
    Package ‘${fullName}’ in the stand-in for nixpkgs is marked as broken, refusing to evaluate.

    Allow it in the configuration:
      { nixpkgs.config.allowBroken = true; }
  '';
  stranger = fullName: ''
    Package ‘${fullName}’ in the stand-in for nixpkgs is not available on the requested hostPlatform: ${target}

    Allow it in the configuration:
      { nixpkgs.config.allowUnsupportedSystem = true; }
  '';

  script = ''
    export PATH=/usr/bin:/bin:/run/current-system/sw/bin
    set -eu
    if [ -n "''${buildCommand-}" ]; then eval "$buildCommand"
    elif [ -n "''${installPhase-}" ]; then eval "$installPhase"
    else
      mkdir -p "$out/bin"
      printf '#!/bin/sh\necho "stand-in %s: $*"\n' "''${pname-$name}" > "$out/bin/''${pname-$name}"
      chmod +x "$out/bin/''${pname-$name}"
    fi
  '';

  build = attributes:
    let
      args = attributes (args // { finalPackage = result; });
      env = args.env or { };
      clash = lib.head (builtins.attrNames (builtins.intersectAttrs env args) ++ [ null ]);
      fullName = args.name or "${args.pname}-${args.version}";
      checked = value:
        if clash != null then throw "The ‘env’ attribute set cannot contain any attributes passed to derivation: ${clash}"
        else if broken args && !config.allowBroken then throw (marked fullName)
        else if elsewhere args && !config.allowUnsupportedSystem then throw (stranger fullName)
        else if allowed (args // { name = fullName; }) then value
        else throw (refusal fullName args);
      drv = derivation ({ preferLocalBuild = true; allowSubstitutes = false; }
        // removeAttrs args [ "meta" "passthru" "env" ] // env
        // { inherit system stdenvName; name = fullName; builder = "/bin/sh"; args = [ "-c" (if builder == null then script else builder) ]; });
      # What was added so that nothing is looked for in a cache is not the package's word.
      result = removeAttrs drv [ "preferLocalBuild" "allowSubstitutes" ]
        // builtins.intersectAttrs { preferLocalBuild = 1; allowSubstitutes = 1; } args // args.passthru or { } // {
        inherit env;
        meta = { available = allowed args && !(elsewhere args) && !(broken args); } // args.meta or { } // { name = fullName; };
        passthru = args.passthru or { };
        drvPath = checked drv.drvPath;
        outPath = checked drv.outPath;
        out = result;
        overrideAttrs = change: build (finalArgs:
          let
            old = attributes finalArgs;
            new = if lib.isFunction change then change old else change;
          in
          old // (if lib.isFunction new then change finalArgs old else new));
      };
    in
    result;

  platform = system: static: {
    inherit system;
    isLinux = lib.hasSuffix "-linux" system;
    isDarwin = lib.hasSuffix "-darwin" system;
    isx86_64 = lib.hasPrefix "x86_64-" system;
    isAarch64 = lib.hasPrefix "aarch64-" system;
    isStatic = static;
    isGnu = !static;
    parsed.cpu.name = lib.head (builtins.split "-" system);
  };
  hostPlatform = platform target static;
in
{
  inherit hostPlatform;
  system = target;
  inherit (hostPlatform) isLinux isDarwin isx86_64 isAarch64;
  buildPlatform = platform system false;
  mkDerivation = attributes: build (if lib.isFunction attributes then attributes else finalArgs: attributes);
}
