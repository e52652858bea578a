# SPDX-License-Identifier: MIT
# The hosts of sources_test.py, which puts overlay.nix, plans/, old-llama-cpp/ and old-nixpkgs/ beside this file: where the
# package comes from, which pieces it has, and what else is in the package set.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  inputs.nixpkgs-lib = { url = "github:nix-community/nixpkgs.lib"; flake = false; };

  outputs = { self, nixpkgs, llama-cpp, nixpkgs-lib }@inputs:
    let
      inherit (nixpkgs) lib;
      realLib = import (if builtins.pathExists (nixpkgs-lib + "/lib") then nixpkgs-lib + "/lib" else nixpkgs-lib);

    # All of it with overlays that come before all others.
    all = first: let
      ours = name: more: import ./overlay.nix ({ inherit inputs; plan = ./plans + "/${name}.json"; } // more);
      host = overlays: { config ? { }, system ? "x86_64-linux" }:
        import nixpkgs { inherit system; overlays = first ++ overlays; config = { allowUnfree = true; } // config; };
      usual = [ "llama-cpp" "llama-cpp-cpu" "llama-cpp-cuda" "llama-cpp-vulkan" "llama-cpp-rocm" ];

      planned = lib.genAttrs (map (lib.removeSuffix ".json") (builtins.attrNames (builtins.readDir ./plans)))
        (name: host [ (ours name { }) ] { });
      official = llama-cpp.overlays.default;
      older = file: final: prev: { llama-cpp = final.callPackage (./old-nixpkgs + "/${file}.nix") { }; };
      oldFlake = more: import ./overlay.nix ({ inputs.llama-cpp = ./old-llama-cpp; plan = ./plans/flake.json; } // more);
      arm.system = "aarch64-linux";
      hosts = planned // {
        twice = host [ (ours "nixpkgs" { }) (ours "nixpkgs" { }) ] { };
        flake-twice = host [ (ours "flake" { }) (ours "flake" { }) ] { };
        both = host [ (ours "flake" { }) (ours "nixpkgs" { }) ] { };
        official-before = host [ official (ours "nixpkgs" { }) ] { };
        official-after = host [ (ours "nixpkgs" { }) official ] { };
        no-argument = host [ (older "no-argument") (ours "nixpkgs" { }) ] { };
        always-dispatches = host [ (older "always-dispatches") (ours "nixpkgs" { }) ] { };
        no-vulkan = host [ (older "no-vulkan") (ours "nixpkgs" { }) ] { };
        no-aliases = host [ (ours "flake" { }) ] { config.allowAliases = false; };
        no-aliases-nixpkgs = host [ (ours "nixpkgs" { }) ] { config.allowAliases = false; };
        global-gpus = host [ (ours "nixpkgs" { }) ] { config = { cudaSupport = true; rocmSupport = true; }; };
        portable = host [ (import ./overlay.nix { plan = { build.source = "nixpkgs"; }; inputs = throw "not needed"; }) ] { };
        facts = host [ (ours "flake" { plan = { schema = "llama-fleet/facts"; version = 1; build = { }; }; }) ] { };
        version-2 = host [ (ours "flake" { plan = { version = 2; build = { }; }; }) ] { };
        no-build = host [ (ours "flake" { plan = { host = "x"; }; }) ] { };

        rpc = host [ (ours "flake" { rpc = true; }) ] { };
        rpc-nixpkgs = host [ (ours "nixpkgs" { rpc = true; }) ] { };
        rpc-old = host [ (oldFlake { rpc = true; }) ] { };
        old = host [ (oldFlake { }) ] { };
        no-web = host [ (ours "flake" { webUi = false; }) ] { };
        web = host [ (ours "flake" { webUi = true; }) ] { };
        web-nixpkgs = host [ (ours "nixpkgs" { webUi = true; }) ] { };

        arm = host [ (ours "arm" { }) ] arm;
        arm-nixpkgs = host [ (ours "nixpkgs-arm" { }) ] arm;
        arm-forced = host [ (ours "arm" { }) ] (arm // { config.allowUnsupportedSystem = true; });
        arm-multi = host [ (ours "multi" { }) ] arm;
        arm-portable = host [ (import ./overlay.nix { inherit inputs; }) ] arm;
      };

      about = package: {
        inherit (package) name drvPath cmakeFlags;
        main = package.meta.mainProgram;
        inherit (package.meta) platforms available;
        dispatches = package.dispatches or null; # only the stand-in for nixpkgs' package tells
        features = package.requiredSystemFeatures or [ ];
        local = package.preferLocalBuild or false && !(package.allowSubstitutes or true);
      };
      of = name: names: lib.genAttrs names (package: about hosts.${name}.${package});
    in
    {
      inherit hosts;
      answers = lib.genAttrs [
        "flake" "flake-twice" "nixpkgs" "nixpkgs-twin" "global-gpus" "twice" "both" "official-after" "no-argument" "always-dispatches"
        "no-aliases" "no-aliases-nixpkgs" "rpc" "rpc-nixpkgs" "no-web" "web" "portable" "flat" "no-variant" "native" "radeon"
        "nixpkgs-radeon"
      ] (name: of name usual)
        // lib.genAttrs [ "multi" "nixpkgs-multi" ] (name: of name [ "llama-cpp" ])
        // {
          old = of "old" [ "llama-cpp" "llama-cpp-cpu" ];
          no-vulkan = of "no-vulkan" [ "llama-cpp-cpu" "llama-cpp-cuda" ];
          whole = about hosts.universal.llama-cpp.whole;
          stock = about (import nixpkgs { system = "x86_64-linux"; }).llama-cpp;
        };
      overridden = {
        # What nixpkgs itself does to pkgs.llama-cpp, and what stands in files from before.
        local-ai = about hosts.flake.local-ai.llama-cpp-rpc;
        local-ai-nixpkgs = about hosts.nixpkgs.local-ai.llama-cpp-rpc;
        by-nixpkgs-names = about (hosts.flake.llama-cpp-cpu.override { vulkanSupport = true; blasSupport = true; syclSupport = false; });
        by-flake-names = about (hosts.nixpkgs.llama-cpp-cpu.override (old: { useVulkan = !old.vulkanSupport; }));
        targets-list = about (hosts.radeon.llama-cpp.override { rocmGpuTargets = [ "gfx906" "gfx942" ]; });
        targets-text = about (hosts.nixpkgs-radeon.llama-cpp.override { rocmGpuTargets = "gfx906;gfx942"; });
        sycl = hosts.flake.llama-cpp.override { syclSupport = true; };
        opencl = hosts.flake.llama-cpp.override { openclSupport = true; };
        attrs-then-args = about ((hosts.flake.llama-cpp-cpu.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ [ "-DA:BOOL=TRUE" ]; }))
          .override { rpcSupport = true; });
        universal = about (hosts.universal.llama-cpp.override { variant = "haswell"; rpcSupport = true; }).whole;
        both-gpus = hosts.nixpkgs.llama-cpp-cuda.override { rocmSupport = true; };
      };
      arm = {
        names = lib.genAttrs [ "arm" "arm-nixpkgs" "arm-multi" ] (name: map (package: package.name)
          (map (attribute: hosts.${name}.${attribute}) (usual ++ [ "llama-cpp-multi" ])));
        available = lib.genAttrs [ "arm" "arm-nixpkgs" ] (name: lib.genAttrs usual (package: hosts.${name}.${package}.meta.available));
        evaluates = lib.genAttrs usual (package: (builtins.tryEval hosts.arm.${package}.drvPath).success);
        main = hosts.arm.llama-cpp-rocm.meta.mainProgram;
        universal = hosts.arm-portable.llama-cpp-universal.variant;
        vulkan = about hosts.arm.llama-cpp-vulkan;
      };
      # All of nixpkgs that is ours or made of ours, names only, as tools do that list packages.
      listed = lib.genAttrs [ "flake" "nixpkgs" "official-after" "arm" "no-aliases" ] (name:
        map (attribute: "${attribute} ${hosts.${name}.${attribute}.name}")
          (builtins.filter (lib.hasPrefix "llama-cpp") (builtins.attrNames hosts.${name})));
    };
    in
    all [ ] // { real = all [ (final: prev: { lib = realLib; }) ]; };
}
