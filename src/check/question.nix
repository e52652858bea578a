# SPDX-License-Identifier: MIT
# What check asks, in one evaluation: `question PARTS WANTED nixosConfigurations`, with
# WANTED = { HOST = { packages = [ "llama-cpp-cuda" … ]; installed = true; }; } and PARTS = parts.nix.
# What is missing or throws becomes data here and hides nothing else. What tryEval cannot catch (a missing attribute deep
# inside a package, endless recursion) ends the evaluation: then check asks again for less at a time.
parts: wanted: configurations:
let
  inherit (parts) caught text;

  describe = pkgs: attribute:
    if !(pkgs ? ${attribute}) then { found = false; facts = caught null; drv = caught ""; }
    else {
      found = true;
      facts = caught (if builtins.isAttrs pkgs.${attribute} then parts.facts pkgs.${attribute} else throw "not a package");
      drv = caught (text pkgs.${attribute}.drvPath);
    };

  installed = parts.installed (where: package: {
    inherit where;
    name = text (package.name or package.pname);
    drv = (caught (text package.drvPath)).value;
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
in
builtins.mapAttrs host wanted
