# SPDX-License-Identifier: MIT
# What check asks, in one evaluation: `question PARTS WANTED nixosConfigurations`, with
# WANTED = { HOST = { packages = [ "llama-cpp-cuda" … ]; installed = true; sources = true; }; } and PARTS = parts.nix.
# The answer is { hosts; sources }: the CMake files of the packages' sources stand once for all packages that share them.
# What is missing or throws becomes data here and hides nothing else. What tryEval cannot catch (a missing attribute deep
# inside a package, endless recursion) ends the evaluation: then check asks again for less at a time.
parts: wanted: configurations:
let
  inherit (parts) caught text;

  describe = pkgs: attribute:
    if !(pkgs ? ${attribute}) then { found = false; facts = caught null; drv = caught ""; outputs = caught [ ]; }
    else {
      found = true;
      facts = caught (if builtins.isAttrs pkgs.${attribute} then parts.facts pkgs.${attribute} else throw "not a package");
      drv = caught (text pkgs.${attribute}.drvPath);
      outputs = caught (parts.outputs pkgs.${attribute});
    };

  installed = parts.installed (where: package: {
    inherit where;
    name = text (package.name or package.pname);
    drv = (caught (text package.drvPath)).value;
    outputs = caught (parts.outputs package);
    facts = caught (parts.facts package);
  });

  host = name: request:
    let
      configuration = configurations.${name};
      pkgs = configuration.pkgs or configuration._module.args.pkgs;
    in
    if !(configurations ? ${name}) then { present = false; }
    else {
      present = true;
      usable = (caught (builtins.isAttrs pkgs)).ok;
      packages = (caught (builtins.listToAttrs
        (map (attribute: { name = attribute; value = describe pkgs attribute; }) request.packages))).value;
      installed = if request.installed then (caught (installed configuration.config)).value else null;
    };

  # The places of all sources that are at hand, as { name = key; value = its files; }. listToAttrs takes each once.
  sources = builtins.concatMap
    (name:
      let
        request = wanted.${name};
        pkgs = configurations.${name}.pkgs or configurations.${name}._module.args.pkgs;
        sourceOf = attribute:
          let
            package = pkgs.${attribute} or null;
            found = builtins.tryEval (
              let from = parts.source (package.whole or package); in
              if builtins.isAttrs package then builtins.seq from.key from else { key = ""; });
          in
          if found.success && found.value.key != ""
          then [{ name = found.value.key; value = caught (parts.cmakeFiles found.value.place); }]
          else [ ];
      in
      if request.sources && configurations ? ${name} && (caught (builtins.isAttrs pkgs)).ok
      then builtins.concatMap sourceOf request.packages
      else [ ])
    (builtins.attrNames wanted);
in
{ hosts = builtins.mapAttrs host wanted; sources = builtins.listToAttrs sources; }
