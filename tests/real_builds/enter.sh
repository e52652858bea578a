#!/bin/sh
# SPDX-License-Identifier: MIT
# enter.sh STORE FOLDER PROGRAM ARGS...: runs PROGRAM in FOLDER where STORE's packages lie at /nix/store, as on a
# machine that they were installed on; the rest is this machine. Without root: in a user namespace, as Nix's own builds.
set -eu
if [ "$1" != --inside ]; then
  own=--map-root-user
  [ "$(id -u)" != 0 ] || own=
  # shellcheck disable=SC2086 # one flag or none
  exec unshare --mount $own sh "$0" --inside "$@"
fi
shift
store=$1 folder=$2
shift 2
root=$store/root
mkdir -p "$root"
mount -t tmpfs none "$root"
for part in usr bin lib lib64 proc dev etc tmp; do
  mkdir "$root/$part"
  mount --rbind "/$part" "$root/$part"
done
mkdir -p "$root/nix/store"
mount --rbind "$store/nix/store" "$root/nix/store"
exec chroot "$root" sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
