# SPDX-License-Identifier: MIT
{
  description = "The fastest llama.cpp on every machine you own, and proof of it";

  # The only input, so that users have one to follow. llama.cpp's flake is an argument of theirs; inputs that only tests
  # need are in tests/nix/modules/flake.nix.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      forEach = f: nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: f nixpkgs.legacyPackages.${system});
    in
    import ./nix/library.nix // {
      packages = forEach (pkgs: rec {
        llama-fleet = pkgs.callPackage ./nix/package.nix { };
        default = llama-fleet;
        probes = import ./nix/probes.nix { inherit pkgs; };
      });

      apps = forEach (pkgs: rec {
        llama-fleet = {
          type = "app";
          program = "${self.packages.${pkgs.stdenv.hostPlatform.system}.default}/bin/llama-fleet";
          meta.description = "Choose, build, check and measure llama.cpp for each machine of a fleet";
        };
        default = llama-fleet;
      });

      checks = forEach (pkgs: import ./nix/checks.nix { inherit pkgs nixpkgs self; });

      devShells = forEach (pkgs: {
        default = import ./nix/shell.nix {
          inherit pkgs;
          inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) llama-fleet;
        };
      });

      templates = rec {
        fleet = {
          path = ./templates/fleet;
          description = "A starter fleet: two machines, each with the llama.cpp of its plan";
          welcomeText = "Now put your own machines' plans into llama-fleet/plan: README.md says how.";
        };
        default = fleet;
      };
    };
}
