# SPDX-License-Identifier: MIT
# A stand-in for haumea: lib.load makes a set out of the files of a folder, each a function that is given what it asks
# for of the inputs; liftDefault puts a folder's default.nix in the folder's place. It leaves out self, super, root,
# loaders, and several transformers at once.
{
  description = "stand-in for haumea";

  outputs = { self }: {
    lib.transformers.liftDefault = cursor: folder:
      if folder ? default then builtins.removeAttrs folder [ "default" ] // folder.default else folder;

    lib.load = { src, inputs ? { }, transformer ? (cursor: folder: folder) }:
      let
        load = file:
          let value = import file; in
          if builtins.isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) inputs) else value;
        folder = cursor: path:
          let
            files = builtins.readDir path;
            entry = name:
              if files.${name} == "directory" then { inherit name; value = folder (cursor ++ [ name ]) (path + "/${name}"); }
              else { name = builtins.head (builtins.match "(.*)[.]nix" name); value = load (path + "/${name}"); };
          in
          transformer cursor (builtins.listToAttrs (map entry (builtins.attrNames files)));
      in
      folder [ ] src;
  };
}
