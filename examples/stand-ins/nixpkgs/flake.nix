# SPDX-License-Identifier: MIT
# A stand-in for nixpkgs: enough of its library, its package set and NixOS's module system that the flakes under
# examples/ evaluate, and build to small shell scripts, without a network. It leaves out everything else: no compiler,
# no programs, no option declarations beyond a handful (any option may be set), of cross compilation only the names. Builds need a host
# with /bin/sh and coreutils and Nix's `--option sandbox false`.
{
  description = "stand-in for nixpkgs";

  outputs = { self }:
    let lib = import ./lib; in
    {
      lib = lib // { nixosSystem = import ./nixos { inherit lib; nixpkgs = ./.; }; };
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: import ./. { inherit system; });
    };
}
