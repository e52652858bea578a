# SPDX-License-Identifier: MIT
# What a flake makes of its hosts, with stubs in the place of all inputs: no network, nothing built. nixosSystem is a
# function that keeps its argument; every module of it is looked into, and all that these import, as the module system
# would. The answer holds labels and counts only: to be compared with those of the same flake after an edit.
#
# A stub has every attribute that any file of the repository has a word for, can be called, and is a text; so what the
# owner's files ask of an input or of pkgs is there, whatever it is.
{ root # the repository, absolute
, stubs # a folder with words.json, and default.nix for `import nixpkgs { }`
, nixpkgsLib # nixpkgs' lib, or the stand-in for it
, only ? null # hosts to be looked at; null = all
, depth ? "modules" # "list": what nixosSystem is given; "imports": what these import, too; "modules": and hold
, more ? { } # host = module: what an owner would paste into its modules
}:
let
  inherit (builtins) attrNames elem filter foldl' functionArgs hasAttr isAttrs isFunction isList isString listToAttrs
    mapAttrs pathExists toString;

  words = builtins.fromJSON (builtins.readFile (stubs + "/words.json"));
  stub = label:
    let me = listToAttrs (map (name: { inherit name; value = me; }) words) // {
      __stub = label;
      __functor = _: _: me;
      __toString = _: toString stubs;
      outPath = toString stubs;
    }; in me;
  anything = stub "stub";
  isStub = x: isAttrs x && x ? __stub;
  systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];

  # --- nixpkgs ---
  # A condition that hangs on a stub counts as true.
  holds = condition: !(builtins.isBool condition) || condition;
  record = kind: arguments: anything // { __record = { inherit kind arguments; }; inherit pkgs; };
  additions = {
    nixosSystem = record "nixos";
    optional = condition: x: if holds condition then [ x ] else [ ];
    optionals = condition: xs: if holds condition then xs else [ ];
    optionalAttrs = condition: set: if holds condition then set else { };
    optionalString = condition: text: if holds condition then text else "";
  };
  plainLib = import nixpkgsLib;
  lib = if plainLib ? extend then plainLib.extend (_: _: additions) else plainLib // additions;
  package = name: anything // { __package = name; override = _: package "${name}.override"; };
  llamaPackages = listToAttrs (map (name: { inherit name; value = package name; })
    (filter (word: builtins.match "llama-cpp(-[a-z]+)*" word != null) words));
  stdenv = anything // rec {
    isLinux = true;
    isDarwin = false;
    isx86_64 = true;
    isAarch64 = false;
    system = "x86_64-linux";
    hostPlatform = anything // { inherit system isLinux isDarwin isx86_64 isAarch64; };
    buildPlatform = hostPlatform;
  };
  pkgs = anything // llamaPackages // {
    inherit lib stdenv;
    inherit (stdenv) system hostPlatform;
    callPackage = _: _: anything;
    extend = _: pkgs;
    appendOverlays = _: pkgs;
  };
  packageSets = anything // listToAttrs (map (name: { inherit name; value = pkgs; }) systems);

  # --- what other inputs' libraries do with the owner's functions ---
  eachSystem = names: f: foldl'
    (all: system: all // mapAttrs (name: value: (all.${name} or { }) // { ${system} = value; }) (f system))
    { }
    names;
  flakeUtils = {
    inherit eachSystem;
    eachDefaultSystem = eachSystem systems;
    eachDefaultSystemMap = lib.genAttrs systems;
    defaultSystems = systems;
    flattenTree = x: x;
    mkApp = x: x;
  };
  # flake-parts: `flake` of the given module and of what it imports, joined. perSystem is not looked at.
  mkFlake = { inputs, specialArgs ? { }, ... }: module:
    let
      arguments = {
        inherit inputs lib self;
        config = anything // { flake = anything // joined; };
        withSystem = _: f: f given;
        moduleWithSystem = f: f given;
      } // specialArgs;
      given = anything // { inherit pkgs; inputs' = anything; self' = anything; system = "x86_64-linux"; };
      parts = map (found: found.value) (closure arguments [ module ]);
      # Two levels below flake: nixosConfigurations.carbon, modules.nixos.carbon.
      join = depth: a: b: a // mapAttrs (name: value:
        if isAttrs value && isAttrs (a.${name} or null) && !isStub value
        then (if depth == 0 then a.${name} // value else join (depth - 1) a.${name} value) else value) b;
      flakes = map (flake: if isFunction flake then call arguments flake else flake)
        (lib.concatMap (part: defined true part [ "flake" ]) parts);
      joined = foldl' (join 1) { } (filter (x: isAttrs x && !isStub x) flakes);
    in
    joined;

  input = name: anything // {
    __stub = name;
    lib = anything // flakeUtils // lib // {
      inherit mkFlake;
      darwinSystem = record "darwin";
      homeManagerConfiguration = record "home";
    };
    legacyPackages = packageSets;
    packages = packageSets;
  };

  # --- the flake ---
  flake = import (root + "/flake.nix");
  declared = attrNames (flake.inputs or { });
  named = filter (name: name != "self") (attrNames (functionArgs flake.outputs));
  inputs = listToAttrs (map (name: { inherit name; value = input name; }) (declared ++ named)) // { inherit self; };
  outputs = flake.outputs inputs;
  self = outputs // {
    inherit inputs outputs;
    outPath = root; # a text, so that "${self}/x" is a path of the repository and not of the store
    rev = "0000000000000000000000000000000000000000";
    shortRev = "0000000";
    lastModified = 0;
    lastModifiedDate = "20000101000000";
    sourceInfo = { outPath = root; };
    _type = "flake";
  };

  # --- modules ---
  isPathLike = x: builtins.isPath x || (isString x && builtins.substring 0 1 x == "/");
  fileOf = path:
    let text = toString path; in
    if lib.hasSuffix ".nix" text then text
    else if pathExists (text + "/default.nix") then text + "/default.nix"
    else text;
  relative = path: lib.removePrefix (root + "/") (fileOf path);
  call = arguments: f:
    let wanted = functionArgs f; in
    if wanted == { } then f arguments
    else f (mapAttrs (name: _: arguments.${name} or anything)
      (lib.filterAttrs (name: optional: hasAttr name arguments || !optional) wanted));
  open = arguments: module:
    if isPathLike module then
      if pathExists (fileOf module) then open arguments (import (fileOf module)) else { }
    else if isFunction module then open arguments (call arguments module)
    else if isAttrs module then module
    else { };
  shut = module: if isAttrs module then module else { };
  labelOf = module: value:
    if isPathLike module then relative module
    else if isStub value then "stub:" + value.__stub
    else (if isFunction module then "function of " else "") + shape value;
  shape = value: lib.concatMapStringsSep " "
    (name: let inner = value.${name}; in
      if isAttrs inner && !isStub inner && !(inner ? type) then "${name}.{${toString (attrNames inner)}}" else name)
    (attrNames value);

  # All modules that these lead to, each file once: [ { key, label, value } ].
  closure = arguments: modules:
    let
      item = parent: n: module: rec {
        key = if isPathLike module then fileOf module else "${parent}#${toString n}";
        value = open arguments module;
        label = labelOf module value;
      };
      imap0 = f: list: builtins.genList (n: f n (builtins.elemAt list n)) (builtins.length list);
      items = parent: list: imap0 (item parent) list;
    in
    builtins.genericClosure {
      startSet = items "" modules;
      operator = found: if isStub found.value then [ ] else
        items found.key (asList (found.value.imports or [ ]));
    };
  asList = x: if isList x then x else [ ];

  # Through mkMerge, mkForce and the like, and through mkIf where `ifs` is true: the values that are meant.
  contents = ifs: x:
    if !isAttrs x || isStub x then [ x ]
    else if (x._type or null) == "if" then lib.optionals ifs (contents ifs x.content)
    else if elem (x._type or null) [ "override" "order" ] then contents ifs x.content
    else if (x._type or null) == "merge" then lib.concatMap (contents ifs) x.contents
    else [ x ];
  values = ifs: x: path:
    if path == [ ] then contents ifs x
    else lib.concatMap
      (part: if isAttrs part && !isStub part && hasAttr (builtins.head path) part
        then values ifs part.${builtins.head path} (builtins.tail path) else [ ])
      (contents ifs x);
  configs = module: if isStub module then [ ] else
    if module ? config then [ module.config ]
    else [ (removeAttrs module [ "imports" "options" "disabledModules" "_file" "key" "_class" ]) ];
  defined = ifs: module: path: lib.concatMap (config: values ifs config path) (configs module);

  overlayOf = overlay: if isAttrs overlay && overlay ? __llamaFleet then overlay.__llamaFleet else null;
  packageOf = item: let got = builtins.tryEval (item.__package or null); in if got.success then got.value else null;
  lists = ifs: module: path: lib.concatLists (filter isList (defined ifs module path));
  look = found: { inherit (found) key label; } // lib.optionalAttrs (depth == "modules") {
    overlays = map overlayOf (lists true found.value [ "nixpkgs" "overlays" ]);
    packages = map packageOf (lists false found.value [ "environment" "systemPackages" ]);
    allPackages = map packageOf (lists true found.value [ "environment" "systemPackages" ]);
  };

  hostReport = name: host:
    if !(isAttrs host && host ? __record) then { kind = "unknown"; modules = [ ]; }
    else
      let
        inherit (host.__record) kind arguments;
        given = asList (arguments.modules or [ ]) ++ lib.optional (more ? ${name}) (root + "/" + more.${name});
        special = if isAttrs (arguments.specialArgs or null) then arguments.specialArgs else { };
        argumentsWith = hostName: {
          inherit lib pkgs;
          options = anything;
          modulesPath = toString stubs;
          config = anything // { networking = anything // { inherit hostName; }; };
        } // special;
        names = filter isString (lib.concatMap (found: defined false found.value [ "networking" "hostName" ])
          (closure (argumentsWith "stub") given));
        hostName = if names == [ ] then "stub" else builtins.head names;
        found = closure (argumentsWith hostName) given;
        looked = module: if depth == "list" then shut module else open (argumentsWith hostName) module;
      in
      {
        inherit kind;
        foreign = special ? pkgs;
        inputs = special ? inputs;
        list = map (module: labelOf module (looked module)) given;
        modules = if depth == "list" then [ ] else map look found;
      };
  wanted = name: only == null || elem name only;
  configurations = kind:
    let all = if isAttrs (outputs.${kind} or null) && !isStub outputs.${kind} then outputs.${kind} else { }; in
    mapAttrs (name: host: if wanted name then hostReport name host else null) all;
in
{
  inherit pkgs;
  inherit (additions) nixosSystem;
  report = {
    inputs = declared;
    outputs = attrNames outputs;
    hosts = configurations "nixosConfigurations";
    darwin = if only != null then { }
      else mapAttrs (_: report: report.list or [ ]) (configurations "darwinConfigurations");
  };
}
