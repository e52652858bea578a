# SPDX-License-Identifier: MIT
# The phases of nixpkgs' standard environment with the host's programs, for a build without a sandbox. Sourced by
# /bin/sh with $ccWrapper and the derivation's attributes set; a phase or hook is shell text in the variable of its
# name.
set -eu
export PATH="$PWD/.wrappers:/usr/bin:/bin"
mkdir .wrappers
for compiler in gcc g++; do
  cp "$ccWrapper" ".wrappers/$compiler"
  chmod +x ".wrappers/$compiler"
done
export CC=gcc CXX=g++
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH-315532800}"
export NIX_ENFORCE_NO_NATIVE="${NIX_ENFORCE_NO_NATIVE-1}"
export NIX_LDFLAGS="-rpath,$out/lib ${NIX_LDFLAGS-}"

phase() { # phase NAME: the hooks around it, and the derivation's own text or else the function of that name
  eval "text=\${${1}Phase-} before=\${pre$2-} after=\${post$2-}"
  eval "$before"
  if [ -n "$text" ]; then eval "$text"; else "default_$1"; fi
  eval "$after"
}
default_unpack() {
  cp -r "$src" source
  chmod -R u+w source
  cd source
}
default_patch() { :; }
default_configure() {
  set -f # flags are words, not patterns
  # shellcheck disable=SC2086
  cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE="${cmakeBuildType-Release}" -DCMAKE_INSTALL_PREFIX="$out" \
    -DCMAKE_INSTALL_LIBDIR="$out/lib" -DCMAKE_INSTALL_BINDIR="$out/bin" $cmakeFlags
  set +f
  cd build
}
default_build() { ninja -j "${NIX_BUILD_CORES:-1}"; }
default_install() { ninja install; }

if [ -n "${buildCommand-}" ]; then
  eval "$buildCommand"
elif [ -n "${src-}" ]; then
  phase unpack Unpack
  phase patch Patch
  phase configure Configure
  phase build Build
  phase install Install
else
  mkdir -p "$out" # a tool or a library of the host's own
fi
