# SPDX-License-Identifier: MIT
# Part of the stand-in for the official llama.cpp flake (see ../../flake.nix): the set that its package lives in.
{ lib, newScope, llamaVersion ? "0.0.0" }:
lib.makeScope newScope (self: {
  inherit llamaVersion;
  llama-cpp = self.callPackage ./package.nix { };
})
