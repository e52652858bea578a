{ lib }:
[
  (import ./llama.nix)
]
