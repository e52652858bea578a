# SPDX-License-Identifier: MIT
# doc/options.md: the options of both modules, as Markdown. lib is nixpkgs' or the stand-in's, modules the folder nix/.
#   nix eval --raw --impure --expr \
#     'import ./tools/options-doc.nix { lib = import ./examples/stand-ins/nixpkgs/lib; modules = ./nix; }'
# tests/nix/modules_test.py says when the page is stale, and writes it anew with LLAMA_FLEET_ACCEPT=1.
{ lib, modules }:
let
  # Only `options` is looked at, and that must not depend on anything that a system says.
  declared = file: (import (modules + "/${file}") {
    inherit lib;
    config = { networking.hostName = ""; };
    options = { };
    pkgs = throw "the options depend on pkgs";
  }).options.programs.llama-fleet;

  text = value: if value._type or "" == "literalExpression" then value.text else builtins.toJSON value;
  # A '' string comes with a line's end.
  trimmed = value: lib.removeSuffix "\n" value;

  entry = name: option: ''

    ### programs.llama-fleet.${name}

    ${trimmed option.description}

    | | |
    | --- | --- |
    | type | ${option.type.description} |
    | default | `${text (option.defaultText or option.default)}` |
  '' + lib.optionalString (option ? example) "| example | `${text option.example}` |\n";

  chapter = title: introduction: file:
    let options = declared file; in
    "\n## ${title}\n\n${introduction}\n" + lib.concatStrings (map (name: entry name options.${name}) (builtins.attrNames options));
in
''
  # Options of the modules

  Made from [nix/nixos-module.nix](../nix/nixos-module.nix) and [nix/home-module.nix](../nix/home-module.nix) by
  `tools/options-doc.nix`; what they do together is in [modules.md](modules.md).
'' + chapter "NixOS" "`nixosModules.default` of the flake." "nixos-module.nix"
  + chapter "Home Manager" "`homeModules.default` of the flake. Where the system has the module too, its options are the defaults here."
    "home-module.nix"
