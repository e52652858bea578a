# SPDX-License-Identifier: MIT
# The systems of modules_test.py: { NAME = { modules; baseModules?; }; }. They are evaluated with the stand-in's module system and, where
# NIXPKGS_LIB names one, with nixpkgs' own.
{ lib, inputs }:
let
  fleet = more: {
    programs.llama-fleet = { enable = true; plans = ./plans; llama-cpp = inputs.llama-cpp; } // more;
  };
  named = name: {
    networking.hostName = name;
    nixpkgs.config.allowUnfree = true;
    nixpkgs.hostPlatform = "x86_64-linux";
  };
  settings.services.llama-cpp = { enable = true; settings.ctx-size = 4096; };
  extraFlags.services.llama-cpp = { enable = true; extraFlags = [ "-ngl" "99" ]; };
  # NixOS of other days: the service's older form; no such service.
  older = host: host // { baseModules = [ ./service-extra-flags.nix ]; };
  bare = host: host // { baseModules = [ ]; };

  unitOfHis = { systemd.services.llama-cpp.serviceConfig.SupplementaryGroups = [ "models" ]; };
  unit = { lib, ... }: {
    imports = [ unitOfHis ];
    systemd.services.llama-cpp.serviceConfig = {
      MemoryDenyWriteExecute = lib.mkForce true;
      ExecStartPre = [ "/bin/true" ];
    };
  };

  ours = plan: import ./nix/overlay.nix { inherit inputs; plan = ./plans + "/${plan}.json"; };
  host = name: more: modules: { modules = [ ./nix/nixos-module.nix (fleet more) (named name) ] ++ modules; };
in
{
  # Each kind of package, with a service in both forms, without one that runs, without one at all.
  zen = host "zen" { } [ settings ];
  zen-old = older (host "zen" { } [ extraFlags ]);
  zen-idle = host "zen" { } [ ];
  zen-bare = bare (host "zen" { } [ ]);
  cellar = host "cellar" { } [ settings ];
  radeon = older (host "radeon" { } [ extraFlags ]);
  apu = older (host "apu" { } [ extraFlags ]);
  multi = host "multi" { } [ settings ];
  universal = host "universal" { } [ settings ];

  # The options.
  by-host = host "elsewhere" { host = "zen"; } [ ];
  by-plan = host "elsewhere" { plans = null; plan = ./plans/zen.json; } [ ];
  by-attrs = host "elsewhere" { plans = null; plan.build = { package = "llama-cpp-vulkan"; }; } [ ];
  by-attrs-flags = host "elsewhere" {
    plans = null;
    plan.build.cpu.flags = lib.genAttrs
      [ "GGML_SSE42" "GGML_AVX" "GGML_F16C" "GGML_FMA" "GGML_BMI2" "GGML_AVX2" ] (name: "ON");
  } [ ];
  this-native = host "this-native" { } [ ];
  beyond = host "beyond" { llama-cpp = null; } [ ];
  flat = host "flat" { } [ settings ];
  untold = host "untold" { } [ settings ];
  variant = host "zen" { variant = "cpu"; } [ settings ];
  variant-universal = host "zen" { variant = "universal"; } [ settings ];
  strategy = host "zen" { strategy = "universal"; } [ ];
  back-to-tailored = host "universal" { variant = "cuda"; } [ ];
  no-longer-native = host "native" { strategy = "tailored"; } [ ];
  native = host "cellar" { strategy = "builder-native"; } [ ];
  from-nixpkgs = host "zen" { source = "nixpkgs"; llama-cpp = null; } [ settings ];
  from-flake = host "from-nixpkgs" { source = "flake"; } [ ];
  rpc = host "zen" { rpc = true; webUi = false; } [ ];
  unchecked = host "zen" { checkCpu = false; } [ settings ];
  no-overlay = host "zen" { overlay = false; } [ settings ];
  disabled = host "zen" { enable = false; } [ settings ];

  # Beside what fit writes, beside the official overlay, before and after.
  fitted = host "zen" { } [ { nixpkgs.overlays = [ (ours "zen") ]; } settings ];
  fitted-nixpkgs = host "from-nixpkgs" { } [ { nixpkgs.overlays = [ (ours "from-nixpkgs") ]; } ];
  official = host "zen" { } [ { nixpkgs.overlays = lib.mkAfter [ inputs.llama-cpp.overlays.default ]; } settings ];

  # The owner's word.
  owner = host "zen" { } [ settings unit ];
  owner-package = host "multi" { } [ settings unitOfHis ({ pkgs, ... }: { services.llama-cpp.package = pkgs.hello; }) ];
  owner-changed = host "multi" { } [
    settings
    ({ lib, pkgs, ... }: {
      programs.llama-fleet.package = lib.mkForce (pkgs.llama-cpp-multi.overrideAttrs (old: { version = "his"; }));
    })
  ];

  # What must be refused in words.
  missing = host "missing" { } [ settings ];
  bad-package = host "bad-package" { } [ settings ];
  list = host "list" { } [ ];
  no-text = host "no-text" { } [ ];
  other-schema = host "other-schema" { } [ settings ];
  other-version = host "other-version" { } [ ];
  no-build = host "no-build" { } [ ];
  no-plans = host "zen" { plans = null; } [ ];
  no-flake = host "zen" { llama-cpp = null; } [ ];
  no-name = host "" { } [ ];
  contradiction = host "universal" { strategy = "tailored"; } [ ];
}
