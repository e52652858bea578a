# SPDX-License-Identifier: MIT
# The private flake of modules_test.py, which puts nix/ and plans/ beside it. Its inputs are for tests only: who uses
# llama-fleet's own flake inherits nixpkgs and nothing else.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";
  inputs.nixpkgs-lib = { url = "github:nix-community/nixpkgs.lib"; flake = false; };

  outputs = { self, nixpkgs, llama-cpp, home-manager, nixpkgs-lib }@inputs:
    let
      inherit (nixpkgs) lib;
      hosts = builtins.mapAttrs (name: lib.nixosSystem) (import ./hosts.nix { inherit lib inputs; });

      realLib = import (if builtins.pathExists (nixpkgs-lib + "/lib") then nixpkgs-lib + "/lib" else nixpkgs-lib);
      real = builtins.mapAttrs (name: host: import ./real.nix { lib = realLib; inherit nixpkgs host; })
        (import ./hosts.nix { lib = realLib; inherit inputs; });

      about = system:
        let
          inherit (system) config pkgs;
          service = config.systemd.services.llama-cpp.serviceConfig or { };
          failed = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
        in
        if failed != [ ] then { inherit failed; packages = map (package: package.name) config.environment.systemPackages; }
        else {
          packages = map (package: package.drvPath) config.environment.systemPackages;
          inherit (config.programs.llama-fleet.package) name drvPath;
          plain = pkgs.llama-cpp.drvPath;
          served = config.services.llama-cpp.package.drvPath or null;
          service = builtins.mapAttrs (name: builtins.unsafeDiscardStringContext)
            (builtins.mapAttrs (name: builtins.toJSON) service);
          environment = config.systemd.services.llama-cpp.environment or { };
          services = builtins.attrNames config.systemd.services;
          activation = builtins.unsafeDiscardStringContext (config.system.activationScripts.llama-fleet-cpu.text or "");
          settings = config.nix.settings or { };
          overlays = builtins.length config.nixpkgs.overlays;
        };
      flagsOf = system: system.config.programs.llama-fleet.package.cmakeFlags;

      # Home Manager inside a system, with the system's packages or its own, and on its own.
      home = { system, global ? true, more ? { } }: lib.nixosSystem {
        modules = system ++ [
          home-manager.nixosModules.home-manager
          {
            home-manager.useGlobalPkgs = global;
            home-manager.users.mira = { imports = [ ./nix/home-module.nix ]; programs.llama-fleet = { enable = true; } // more; }
              // (if global then { } else { nixpkgs.config.allowUnfree = true; });
          }
        ];
      };
      plain = [ { networking.hostName = "zen"; nixpkgs.config.allowUnfree = true; nixpkgs.hostPlatform = "x86_64-linux"; } ];
      zen = (import ./hosts.nix { inherit lib inputs; }).zen.modules;
      byPlan = (import ./hosts.nix { inherit lib inputs; }).by-plan.modules;
      given = { plans = ./plans; inherit (inputs) llama-cpp; };
      homes = {
        with-system = home { system = zen; };
        own-pkgs = home { system = zen; global = false; };
        alone-in-system = home { system = plain; more = given; };
        alone-own-pkgs = home { system = plain; global = false; more = given; };
        other = home { system = zen; more.variant = "vulkan"; };
        with-plan = home { system = byPlan; };
        with-plan-other-host = home { system = byPlan; more = given // { host = "cellar"; }; };
        with-plan-other-plans = home { system = byPlan ++ [ { networking.hostName = lib.mkForce "cellar"; } ]; more = given; };
        with-plan-own-plan = home { system = byPlan; more.plan = ./plans/cellar.json; };
        missing = home { system = plain; more = given // { host = "missing"; }; };
      };
      standalone = more: home-manager.lib.homeManagerConfiguration {
        pkgs = import nixpkgs { system = "x86_64-linux"; config.allowUnfree = true; };
        modules = [ ./nix/home-module.nix { programs.llama-fleet = { enable = true; } // given // more; } ];
      };
      # The same with nixpkgs' module system: on its own, and with a system's word.
      realHome = specialArgs: more: realLib.evalModules {
        inherit specialArgs;
        modules = [
          ./nix/home-module.nix
          ({ lib, ... }: {
            options = with lib; {
              assertions = mkOption { type = types.listOf types.unspecified; default = [ ]; };
              home.packages = mkOption { type = types.listOf types.package; default = [ ]; };
              home.activation = mkOption { type = types.attrsOf types.anything; default = { }; };
            };
            config._module.args.pkgs = import nixpkgs {
              system = "x86_64-linux";
              config.allowUnfree = true;
              overlays = [ (final: prev: { lib = realLib; }) ];
            };
          })
          { programs.llama-fleet = { enable = true; } // more; }
        ];
      };
      inHome = home: {
        packages = map (package: package.drvPath) home.home.packages;
        failed = map (a: a.message) (builtins.filter (a: !a.assertion) home.assertions);
        check = builtins.unsafeDiscardStringContext (home.home.activation.llama-fleet-cpu.data or "");
      };
      optionsOf = lib: import ./options-doc.nix { inherit lib; modules = ./nix; };
    in
    {
      nixosConfigurations = hosts;
      answers = builtins.mapAttrs (name: about) hosts;
      flags = lib.genAttrs [ "zen" "variant-universal" "native" "from-nixpkgs" "from-flake" "rpc" ]
        (name: let package = hosts.${name}.config.programs.llama-fleet.package; in (package.whole or package).cmakeFlags);
      homes = builtins.mapAttrs (name: system: inHome system.config.home-manager.users.mira) homes
        // { standalone = inHome (standalone { host = "zen"; }).config; nameless = inHome (standalone { }).config; };
      real = builtins.mapAttrs (name: about) real;
      realHomes = {
        standalone = inHome (realHome { } (given // { host = "zen"; })).config;
        nameless = inHome (realHome { } given).config;
        with-system = inHome (realHome { osConfig = real.zen.config; } { }).config;
        with-plan-other-host = inHome (realHome { osConfig = real.by-plan.config; } (given // { host = "cellar"; })).config;
        alone-in-system = inHome (realHome { osConfig.networking.hostName = "zen"; } given).config;
      };
      check = lib.genAttrs [ "zen" "cellar" "untold" ] (name:
        let
          inherit (hosts.${name}) config pkgs;
          fleet = (import ./nix/module-common.nix { inherit lib; }).evaluate config.programs.llama-fleet pkgs;
        in
        assert config.system.activationScripts.llama-fleet-cpu.text == "${fleet.check} || true"; fleet.check);
      toplevel = builtins.mapAttrs (name: system: system.config.system.build.toplevel.drvPath) hosts;
      reference = optionsOf lib;
      realReference = optionsOf realLib;
    };
}
