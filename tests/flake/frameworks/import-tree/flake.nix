# SPDX-License-Identifier: MIT
# A stand-in for import-tree: called with a folder, it is a module that imports every .nix file below, but those with
# "/_" in their path.
{
  description = "stand-in for import-tree";

  outputs = { self }:
    let
      below = path: builtins.concatMap
        (name:
          let
            kind = (builtins.readDir path).${name};
            at = path + "/${name}";
          in
          if builtins.substring 0 1 name == "_" then [ ]
          else if kind == "directory" then below at
          else if builtins.match ".*[.]nix" name != null then [ at ]
          else [ ])
        (builtins.attrNames (builtins.readDir path));
    in
    { __functor = self: path: { imports = builtins.concatMap below (if builtins.isList path then path else [ path ]); }; };
}
