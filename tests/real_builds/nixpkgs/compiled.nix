# SPDX-License-Identifier: MIT
# Puts the host's compiler under the package set of ./base, and the source of ../llama.cpp (the test copies it to
# ./llama.cpp) under nixpkgs' own llama-cpp.
final: prev:
let
  stdenv = name: import ./base/pkgs/stdenv.nix {
    inherit (prev) lib config;
    inherit (prev.stdenv.hostPlatform) system;
    inherit name;
    builder = "ccWrapper=${./cc-wrapper.sh} . ${./setup.sh}";
  };
in
{
  stdenv = stdenv "stdenv";
  cudaPackages = prev.cudaPackages // { backendStdenv = stdenv "cuda-stdenv"; };

  # nixpkgs' package starts the program that it has just built, on the builder's CPU.
  llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    src = ./llama.cpp;
    postInstall = ''
      mkdir -p "$out/share/bash-completion/completions"
      "$out/bin/llama-server" --completion-bash > "$out/share/bash-completion/completions/llama-server"
    '';
  });
}
