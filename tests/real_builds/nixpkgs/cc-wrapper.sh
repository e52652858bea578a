#!/bin/sh
# SPDX-License-Identifier: MIT
# The compiler as nixpkgs wraps it, as far as instruction sets go: impure flags on the command line are dropped, those
# in NIX_CFLAGS_COMPILE are not looked at, and what is linked finds the package's own libraries.
compiler=/usr/bin/${0##*/}
linking=yes
for argument in "$@"; do
  shift
  case $argument in
    -m*=native)
      if [ "$NIX_ENFORCE_NO_NATIVE" = 1 ]; then
        echo "warning: Skipping impure flag $argument because NIX_ENFORCE_NO_NATIVE is set" >&2
        continue
      fi ;;
    -c | -E | -S | -M | -MM) linking=no ;;
  esac
  set -- "$@" "$argument"
done
if [ "$linking" = yes ]; then
  for argument in ${NIX_LDFLAGS-}; do set -- "$@" "-Wl,$argument"; done
fi
# shellcheck disable=SC2086 # a list of flags
exec "$compiler" "$@" ${NIX_CFLAGS_COMPILE-}
