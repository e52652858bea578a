# SPDX-License-Identifier: MIT
# The set that the official package lives in. package.nix is the one of examples/stand-ins, which the test puts beside
# this file: arguments, defaults and flags are there. Here it gets a source, and the pretended installPhase goes.
{ lib, newScope, llamaVersion ? "0.0.0" }:
lib.makeScope newScope (self: {
  inherit llamaVersion;
  llama-cpp = (self.callPackage ./package.nix { }).overrideAttrs (old: {
    src = lib.cleanSourceWith {
      src = ../..;
      filter = name: type:
        !(lib.hasSuffix ".nix" name || lib.hasSuffix ".md" name || lib.hasPrefix "." (baseNameOf name));
    };
    installPhase = null;
  });
})
