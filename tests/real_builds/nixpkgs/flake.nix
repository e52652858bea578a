# SPDX-License-Identifier: MIT
# A stand-in for nixpkgs whose packages are compiled: the library, modules and package set are those of
# examples/stand-ins/nixpkgs, which the test puts into ./base; the standard environment is the host's compiler.
{
  description = "stand-in for nixpkgs, with a compiler";

  outputs = { self }:
    let lib = import ./base/lib; in
    {
      lib = lib // { nixosSystem = import ./base/nixos { inherit lib; nixpkgs = ./.; }; };
      legacyPackages.x86_64-linux = import ./. { system = "x86_64-linux"; };
    };
}
