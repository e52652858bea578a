# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): the functions of its library that llama.cpp's flake, the overlay
# and ordinary configurations use, with the same names and meaning.
let
  lists = rec {
    inherit (builtins) all any concatMap elem elemAt filter foldl' genList head length map tail;
    concatLists = builtins.concatLists;
    flatten = x: if builtins.isList x then concatMap flatten x else [ x ];
    optional = condition: x: if condition then [ x ] else [ ];
    optionals = condition: xs: if condition then xs else [ ];
    toList = x: if builtins.isList x then x else [ x ];
    unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
    remove = x: filter (y: y != x);
    subtractLists = unwanted: filter (y: !elem y unwanted);
    last = xs: elemAt xs (length xs - 1);
    sortOn = key: builtins.sort (a: b: key a < key b);
  };

  strings = rec {
    inherit (builtins) concatStringsSep replaceStrings stringLength substring;
    concatStrings = concatStringsSep "";
    concatMapStringsSep = separator: f: xs: concatStringsSep separator (map f xs);
    concatMapStrings = concatMapStringsSep "";
    optionalString = condition: text: if condition then text else "";
    hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
    hasSuffix = suffix: text:
      let n = stringLength text; k = stringLength suffix; in n >= k && substring (n - k) k text == suffix;
    removePrefix = prefix: text:
      if hasPrefix prefix text then substring (stringLength prefix) (stringLength text) text else text;
    removeSuffix = suffix: text:
      if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
    hasInfix = infix: text: builtins.length (builtins.split (escapeRegex infix) text) > 1;
    escapeRegex = text:
      concatStrings (map (c: if builtins.match "[a-zA-Z0-9 _/-]" c != null then c else "[${c}]") (characters text));
    characters = text: builtins.genList (i: substring i 1 text) (stringLength text);
    splitString = separator: text: builtins.filter builtins.isString (builtins.split (escapeRegex separator) text);
    toUpper = replaceStrings (characters lower) (characters upper);
    toLower = replaceStrings (characters upper) (characters lower);
    lower = "abcdefghijklmnopqrstuvwxyz";
    upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    escapeShellArg = x:
      let text = toString x; in
      if builtins.match "[[:alnum:],._+:@%/-]+" text != null then text
      else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
    escapeShellArgs = concatMapStringsSep " " escapeShellArg;
    getName = x: x.pname or (builtins.parseDrvName x.name).name;
    getVersion = x: x.version or (builtins.parseDrvName x.name).version;
    # CMake options as nixpkgs renders them: -DNAME:TYPE=VALUE.
    cmakeOptionType = type: name: value: "-D${name}:${toUpper type}=${value}";
    cmakeBool = name: value: cmakeOptionType "bool" name (if value then "TRUE" else "FALSE");
    cmakeFeature = cmakeOptionType "string";
  };

  attrsets = rec {
    inherit (builtins) attrNames attrValues getAttr hasAttr intersectAttrs isAttrs listToAttrs mapAttrs removeAttrs;
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
    mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
    filterAttrs = keep: set:
      listToAttrs (builtins.filter (pair: keep pair.name pair.value) (mapAttrsToList nameValuePair set));
    genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
    optionalAttrs = condition: set: if condition then set else { };
    isDerivation = x: isAttrs x && (x.type or null) == "derivation";
    recursiveUpdate = a: b: a // mapAttrs
      (name: value: if isAttrs value && isAttrs (a.${name} or null) then recursiveUpdate a.${name} value else value) b;
    attrByPath = path: default: set:
      if path == [ ] then set
      else if !(isAttrs set && set ? ${builtins.head path}) then default
      else attrByPath (builtins.tail path) default set.${builtins.head path};
    getExe' = package: program: "${package}/bin/${program}";
    getExe = package: getExe' package (package.meta.mainProgram or (strings.getName package));
  };

  sources = rec {
    cleanSource = src: cleanSourceWith { filter = name: type: baseNameOf name != ".git"; inherit src; };
    cleanSourceWith = { filter, src, name ? "source" }:
      let origin = src.origin or src; both = path: type: filter path type && (src.filter or (p: t: true)) path type; in
      {
        inherit origin;
        filter = both;
        outPath = builtins.path { inherit name; path = origin; filter = both; };
      };
  };

  debug = rec {
    warn = builtins.warn or (text: builtins.trace "evaluation warning: ${text}");
    warnIf = condition: text: if condition then warn text else x: x;
    assertMsg = condition: text: condition || throw text;
    throwIf = condition: text: if condition then throw text else x: x;
  };

  functions = import ./functions.nix;
  modules = import ./modules.nix { inherit lib; };

  meta = {
    version = "26.11-stand-in";
    licenses = {
      mit = { shortName = "mit"; spdxId = "MIT"; free = true; };
      bsd3 = { shortName = "bsd3"; spdxId = "BSD-3-Clause"; free = true; };
      unfree = { shortName = "unfree"; free = false; };
      nvidiaCuda = { shortName = "CUDA EULA"; fullName = "CUDA Toolkit End User License Agreement (EULA)"; free = false; };
      nvidiaCudaRedist = meta.licenses.nvidiaCuda // { redistributable = true; };
    };
    platforms = { all = [ "x86_64-linux" "aarch64-linux" ]; linux = [ "x86_64-linux" "aarch64-linux" ]; darwin = [ ]; };
    maintainers = { };
  };

  lib = lists // strings // attrsets // sources // debug // functions // modules // meta
    // { inherit lists strings attrsets sources debug; inherit (functions) fix; };
in
lib
