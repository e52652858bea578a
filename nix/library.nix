# SPDX-License-Identifier: MIT
# What flake.nix and default.nix both give, for every system.
{
  # The program in your package set. llama.cpp's packages come from lib.overlay or the modules: they need to know the
  # official flake and a plan.
  overlays.default = final: prev: { llama-fleet = final.callPackage ./package.nix { }; };
  lib.overlay = import ./overlay.nix;

  # By path, so that a module that is imported twice counts once.
  nixosModules = rec { llama-fleet = { imports = [ ./nixos-module.nix ]; }; default = llama-fleet; };
  homeModules = rec { llama-fleet = { imports = [ ./home-module.nix ]; }; default = llama-fleet; };
}
