# SPDX-License-Identifier: MIT
# What a build of llama-fleet reads; of doc/ that is the manual, any other page rebuilds nothing.
{ lib }:
lib.cleanSourceWith {
  src = ../.;
  filter = path: type:
    let inside = lib.removePrefix "${toString ../.}/" (toString path); in
    builtins.elem inside [ "doc" "doc/llama-fleet.1" ]
    || builtins.elem (builtins.head (builtins.split "/" inside)) [ "CMakeLists.txt" "LICENSE" "cmake" "nix" "src" "tools" ];
}
