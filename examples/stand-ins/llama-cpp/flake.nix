# SPDX-License-Identifier: MIT
# A stand-in for the official llama.cpp flake: the same outputs' names, the same scope and a package that takes the same
# arguments and renders the same CMake flags. It compiles nothing: its programs print what they were configured with. It
# leaves out the source, Windows, MPI, Jetson and container images, and everything that is not on Linux.
{
  description = "stand-in for the official llama.cpp flake";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      llamaVersion = "0.0.0";
      scope = pkgs: pkgs.callPackage ./.devops/nix/scope.nix { inherit llamaVersion; };
      instance = system: config: scope (import nixpkgs { inherit system config; });
      onlyCuda = package: package.meta.license.shortName == "CUDA EULA";
      forEach = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ];
    in
    {
      overlays.default = final: prev: {
        llamaPackages = scope final;
        inherit (final.llamaPackages) llama-cpp;
      };

      legacyPackages = forEach (system: {
        llamaPackages = instance system { };
        llamaPackagesCuda = instance system { cudaSupport = true; allowUnfreePredicate = onlyCuda; };
        llamaPackagesRocm = instance system { rocmSupport = true; };
      });

      packages = forEach (system:
        let sets = self.legacyPackages.${system}; in
        {
          default = sets.llamaPackages.llama-cpp;
          vulkan = sets.llamaPackages.llama-cpp.override { useVulkan = true; };
          cuda = sets.llamaPackagesCuda.llama-cpp;
        }
        // nixpkgs.lib.optionalAttrs (system == "x86_64-linux") { rocm = sets.llamaPackagesRocm.llama-cpp; });
    };
}
