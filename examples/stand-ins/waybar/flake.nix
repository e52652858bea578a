# SPDX-License-Identifier: MIT
# A stand-in for Waybar's flake: its overlay, with a package that is a shell script. It leaves out the program.
{
  description = "stand-in for Waybar";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }: {
    overlays.default = final: prev: {
      waybar = prev.waybar.overrideAttrs (old: { version = "git"; });
    };
  };
}
