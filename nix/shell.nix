# SPDX-License-Identifier: MIT
# What one needs to work on llama-fleet, for `nix develop` and `nix-shell -A shell`.
{ pkgs, llama-fleet }:
pkgs.mkShell {
  inputsFrom = [ llama-fleet ];
  packages = with pkgs; [ ccache clang-tools gbenchmark gtest python3 strace ];
}
