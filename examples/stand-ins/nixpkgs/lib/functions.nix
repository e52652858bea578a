# SPDX-License-Identifier: MIT
# Part of the stand-in for nixpkgs (see ../flake.nix): fixed points, arguments by name, and what callPackage is made of.
rec {
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs = f:
    f.__functionArgs or (if f ? __functor then functionArgs (f.__functor f) else builtins.functionArgs f);
  setFunctionArgs = f: args: { __functor = self: f; __functionArgs = args; };
  mirrorFunctionArgs = f: g: setFunctionArgs g (functionArgs f);
  id = x: x;

  fix = f: let x = f x; in x;
  extends = overlay: rest: final: let prev = rest final; in prev // overlay final prev;
  composeExtensions = f: g: final: prev: let first = f final prev; in first // g final (prev // first);
  composeManyExtensions = builtins.foldl' composeExtensions (final: prev: { });

  # The result of f, which can be called again with other arguments; attributes changed later survive that.
  makeOverridable = f: mirrorFunctionArgs f (args:
    let result = f args; in
    if !builtins.isAttrs result then result
    else result // {
      override = mirrorFunctionArgs f
        (changes: makeOverridable f (args // (if isFunction changes then changes args else changes)));
    } // (if result ? overrideAttrs then {
      overrideAttrs = change: makeOverridable (mirrorFunctionArgs f (newArgs: (f newArgs).overrideAttrs change)) args;
    } else { }));

  callPackageWith = scope: function: given:
    let
      f = if isFunction function then function else import function;
      wanted = functionArgs f;
      args = builtins.intersectAttrs wanted scope // given;
      missing = builtins.filter (name: !(wanted.${name} || args ? ${name})) (builtins.attrNames wanted);
    in
    if missing == [ ] then makeOverridable f args
    else throw "stand-in nixpkgs: callPackage: no package called ${builtins.head missing}";

  makeScope = newScope: f:
    let
      self = f self // {
        newScope = extra: newScope (self // extra);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (extends overlay f);
        packages = f;
      };
    in
    self;
}
