# SPDX-License-Identifier: MIT
# The fleet of nix_test.py, which puts overlay.nix, guide-overlay.nix, plans/ and old-llama-cpp/ beside this file and reads
# `answers` in one evaluation. What must fail is asked for by name, host by host.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, llama-cpp }@inputs:
    let
      inherit (nixpkgs) lib;
      ours = import ./overlay.nix;
      plan = name: ours { inherit inputs; plan = ./plans + "/${name}.json"; };
      host = { overlays, config ? { allowUnfree = true; }, system ? "x86_64-linux" }: lib.nixosSystem {
        modules = [ { nixpkgs.overlays = overlays; nixpkgs.config = config; nixpkgs.hostPlatform = system; } ];
      };
      onlyCuda.allowUnfreePredicate = package: (package.meta.license.shortName or "") == "CUDA EULA";

      planned = lib.genAttrs (map (lib.removeSuffix ".json") (builtins.attrNames (builtins.readDir ./plans)))
        (name: host { overlays = [ (plan name) ]; });
      others = {
        no-plan = host { overlays = [ (ours { inherit inputs; }) ]; };
        missing = host { overlays = [ (plan "missing") ]; };
        refused = host { overlays = [ (plan "zen") ]; config = { }; };
        only-cuda = host { overlays = [ (plan "zen") ]; config = onlyCuda; };
        global-cuda = host { overlays = [ (plan "zen") ]; config = { allowUnfree = true; cudaSupport = true; }; };
        official-after = host { overlays = [ (plan "zen") llama-cpp.overlays.default ]; };
        official-before = host { overlays = [ llama-cpp.overlays.default (plan "zen") ]; };
        official = host { overlays = [ llama-cpp.overlays.default ]; };
        arm = host { overlays = [ (ours { inherit inputs; }) ]; system = "aarch64-linux"; };
        old = host { overlays = [ (ours { inputs.llama-cpp = ./old-llama-cpp; plan = ./plans/radeon.json; }) ]; };
        later-openssl = host { overlays = [ (plan "zen") (final: prev: { openssl = prev.git; }) ]; };
        later-alias = host { overlays = [ (plan "cellar") (final: prev: { llama-cpp-cpu = final.llama-cpp; }) ]; };
        guide = host { overlays = [ (import ./guide-overlay.nix { inherit inputs; }) ]; };
        modules = lib.nixosSystem { modules = [ ./modules.nix ]; };
      };

      about = package: {
        inherit (package) name drvPath cmakeFlags;
        main = package.meta.mainProgram;
        features = package.requiredSystemFeatures or [ ];
        env = removeAttrs package.env [ "ROCM_PATH" ] // { rocm = package.env ? ROCM_PATH; };
        local = package.preferLocalBuild or false && !(package.allowSubstitutes or true);
      };
      usual = [ "llama-cpp" "llama-cpp-cpu" "llama-cpp-cuda" "llama-cpp-vulkan" "llama-cpp-rocm" ];
      of = system: names: lib.genAttrs names (name: about system.pkgs.${name});
      systems = planned // others;
      stock = systems.official.pkgs.llama-cpp;
    in
    {
      nixosConfigurations = systems;
      answers = builtins.mapAttrs (name: system: of system usual) (removeAttrs planned [ "native" "multi" "universal" "universal-twin" "universal-wrong" ])
        // builtins.mapAttrs (name: of systems.${name}) {
          no-plan = usual;
          only-cuda = usual;
          global-cuda = usual;
          official-before = usual;
          official-after = usual;
          arm = [ "llama-cpp" "llama-cpp-cpu" "llama-cpp-cuda" "llama-cpp-vulkan" ];
          old = [ "llama-cpp" "llama-cpp-cpu" "llama-cpp-rocm" ];
          native = [ "llama-cpp" "llama-cpp-rocm" ];
          later-openssl = [ "llama-cpp" ];
          later-alias = [ "llama-cpp" ];
          multi = [ "llama-cpp" ];
          guide = [ "llama-cpp-cpu" "llama-cpp-vulkan" ];
        }
        // {
          universal.whole = about systems.universal.pkgs.llama-cpp.whole;
          universal-twin.whole = about systems.universal-twin.pkgs.llama-cpp.whole;
          names = lib.genAttrs [ "zen" "missing" "no-plan" ]
            (name: builtins.filter (lib.hasPrefix "llama-cpp") (builtins.attrNames systems.${name}.pkgs));
          stock = about stock;
          stock-vulkan-blas = about (stock.override { useVulkan = true; useBlas = true; });
          evaluates = builtins.mapAttrs (name: package: (builtins.tryEval package.drvPath).success) {
            refused-cuda = systems.refused.pkgs.llama-cpp-cuda;
            refused-cpu = systems.refused.pkgs.llama-cpp-cpu;
          };
          refused-flags = systems.refused.pkgs.llama-cpp-cuda.cmakeFlags;
          modules = { inherit (systems.modules.config) environment networking test; };
        };
    };
}
