# SPDX-License-Identifier: MIT
# A stand-in for a second, older nixpkgs: a few packages that are shell scripts. It leaves out its library and NixOS,
# because flakes take those from their first nixpkgs. Builds need what the stand-in for nixpkgs needs.
{
  description = "stand-in for a stable nixpkgs";

  outputs = { self }: {
    legacyPackages.x86_64-linux = import ./. { system = "x86_64-linux"; };
    legacyPackages.aarch64-linux = import ./. { system = "aarch64-linux"; };
  };
}
