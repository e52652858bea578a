# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): a module evaluator. Imports, arguments by name, mkIf, mkMerge,
# priorities and order work as in nixpkgs; lists are joined, sets merged, other values must agree. It leaves out type
# checks: an option need not be declared, and a declared one has a default and, for submodules, a way to merge.
{ lib }:
let
  inherit (builtins) all any concatMap filter head isAttrs isList isString map;

  # mkOverride's numbers: less wins.
  usual = 100;

  # A module in any of its forms → { key, imports, config, options }.
  load = args: module:
    if builtins.isPath module || isString module then load args (import module) // { key = toString module; }
    else if lib.isFunction module then load args (module (args // argumentsOf args module))
    else {
      key = null;
      imports = module.imports or [ ];
      options = module.options or { };
      config =
        if module ? config || module ? options then module.config or { }
        else removeAttrs module [ "imports" "_file" "key" ];
    };
  argumentsOf = args: f: builtins.mapAttrs (name: hasDefault: args.${name} or args.config._module.args.${name})
    (lib.filterAttrs (name: hasDefault: args ? ${name} || !hasDefault) (lib.functionArgs f));

  # All modules that are reachable by imports; a file counts once.
  closure = args: seen: modules: builtins.foldl'
    (found: module:
      let
        key = if builtins.isPath module || isString module then toString module else null;
        this = load args module;
      in
      if key != null && any (m: m.key == key) found then found
      else closure args (found ++ [ this ]) this.imports)
    seen
    modules;

  # A definition is { value, priority, order, conditions }. mkIf and the others are moved from sets to their leaves, so
  # that a condition may ask for another option of the same module.
  plain = value: { inherit value; priority = usual; order = 1000; conditions = [ ]; };
  expand = definition:
    let value = definition.value; in
    if !isAttrs value then [ definition ]
    else {
      merge = concatMap (content: expand (definition // { value = content; })) value.contents;
      "if" = expand (definition // { value = value.content; conditions = definition.conditions ++ [ value.condition ]; });
      override = expand (definition // { value = value.content; inherit (value) priority; });
      order = expand (definition // { value = value.content; order = value.priority; });
    }.${toString (value._type or "")} or [ definition ];

  isSet = value:
    isAttrs value && !lib.isDerivation value && !lib.isFunction value && !(value ? _type) && !(value ? outPath);
  isOption = options: (options._type or null) == "option";

  # What counts in the end: conditions that hold, the strongest priority, in order.
  effective = definitions:
    let
      holding = filter (d: all (c: c) d.conditions) definitions;
      strongest = builtins.foldl' (least: d: if d.priority < least then d.priority else least) 10000 holding;
    in
    map (d: d.value) (lib.sortOn (d: d.order) (filter (d: d.priority == strongest) holding));

  join = path: values:
    if values == [ ] then throw "The option `${name path}' is used but not defined."
    else if all isList values then builtins.concatLists values
    else if all isSet values then (merge path { } (map plain values))
    else if all (v: v == head values) (builtins.tail values) then head values
    else throw "The option `${name path}' has conflicting definition values.";
  name = builtins.concatStringsSep ".";

  merge = path: options: definitions:
    let
      ds = concatMap expand definitions;
      sets = filter (d: isSet d.value) ds;
      names = builtins.attrNames (builtins.foldl' (found: d: found // d.value) options sets);
      child = attribute: merge (path ++ [ attribute ]) (options.${attribute} or { })
        (map (d: d // { value = d.value.${attribute}; }) (filter (d: d.value ? ${attribute}) sets));
      values = effective (ds ++ (if options ? default then [ (plain options.default // { priority = 1500; }) ] else [ ]));
    in
    if isOption options then (options.type.merge or join) path values
    else if builtins.length sets == builtins.length ds then lib.genAttrs names child
    else join path values;

  evalModules = { modules, specialArgs ? { } }:
    let
      args = { inherit lib config options; } // specialArgs;
      own.options._module.args = mkOption { default = { }; type = types.lazyAttrsOf types.raw; };
      found = closure args [ ] ([ own ] ++ modules);
      options = builtins.foldl' lib.recursiveUpdate { } (map (m: m.options) found);
      config = merge [ ] options (map (m: plain m.config) found);
    in
    {
      inherit config options;
      extendModules = more: evalModules {
        modules = modules ++ more.modules or [ ];
        specialArgs = specialArgs // more.specialArgs or { };
      };
    };

  mkOption = declaration: declaration // { _type = "option"; };

  types =
    let
      ofNames = element: { merge = path: values:
        lib.genAttrs (lib.unique (concatMap builtins.attrNames values))
          (key: element.merge or join (path ++ [ key ]) (map (v: v.${key}) (filter (v: v ? ${key}) values))); };
      anything = { };
    in
    builtins.mapAttrs (type: description: { inherit description; }) {
      str = "string";
      bool = "boolean";
      int = "signed integer";
      path = "absolute path";
      package = "package";
      attrs = "attribute set";
      anything = "anything";
      port = "16 bit unsigned integer; between 0 and 65535 (both inclusive)";
      lines = "strings concatenated with \"\\n\"";
    }
    // {
      raw.merge = path: values: lib.last values;
      attrsOf = ofNames;
      lazyAttrsOf = ofNames;
      listOf = element: anything;
      nullOr = element: element // { description = "null or ${element.description or "value"}"; };
      enum = words: { description = "one of ${lib.concatMapStringsSep ", " builtins.toJSON words}"; };
      either = a: b: { description = "${a.description} or ${b.description}"; };
      submodule = module: types.submoduleWith { modules = [ module ]; };
      submoduleWith = { modules, specialArgs ? { } }:
        { merge = path: values: (evalModules { inherit specialArgs; modules = modules ++ values; }).config; };
    };

  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
in
{
  inherit evalModules mkOption mkOrder mkOverride types;
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkEnableOption = text:
    mkOption { default = false; example = true; type = types.bool; description = "Whether to enable ${text}."; };
  literalExpression = text: { _type = "literalExpression"; inherit text; };
}
