# SPDX-License-Identifier: MIT
# NixOS: programs.llama-fleet. See doc/modules.md.
{ config, lib, options, pkgs, ... }:
let
  common = import ./module-common.nix { inherit lib; };
  cfg = config.programs.llama-fleet;
  fleet = common.evaluate cfg pkgs;
  ready = cfg.enable && fleet.problem == null;
  checked = ready && cfg.checkCpu && (fleet.needs != [ ] || fleet.untold != [ ]);
  # An older NixOS has no such service.
  hasService = options ? services && options.services ? llama-cpp;
  # A service with a package of the owner's is his: the plan says nothing of what that needs.
  served = ready && config.services.llama-cpp.enable && config.services.llama-cpp.package.drvPath == cfg.package.drvPath;
  usesGpu = fleet.backends != [ ];

  # nixpkgs' unit sets some of these itself, at the usual priority, so mkDefault would do nothing. This wins over the unit
  # and loses to the owner's mkForce, which he needs there anyway.
  overUnit = lib.mkOverride 90;
  granted = builtins.filter (lib.hasPrefix "llama-cpp-") (cfg.package.requiredSystemFeatures or [ ]);
in
{
  options.programs.llama-fleet = common.options {
    host = { value = config.networking.hostName; text = "config.networking.hostName"; };
  } // {
    overlay = lib.mkOption {
      type = lib.types.bool;
      default = true;
      example = false;
      description = ''
        Whether the overlay is added to `nixpkgs.overlays`, so that `pkgs.llama-cpp` is this host's package wherever a
        module or a command line names it (llama-swap, own units), and `pkgs.llama-cpp-cuda` and the others exist.
      '';
    };
  };

  config = lib.mkMerge ([
    { programs.llama-fleet.package = lib.mkOptionDefault fleet.package; }

    (lib.mkIf cfg.enable {
      assertions = [ { assertion = fleet.problem == null; message = "llama-fleet: ${toString fleet.problem}"; } ];
    })

    # On plain options only: a condition that needs pkgs would never end.
    (lib.mkIf (cfg.enable && cfg.overlay) { nixpkgs.overlays = [ fleet.overlay ]; })

    (lib.mkIf ready {
      environment.systemPackages = [ cfg.package ];
      # This host's CPU is the plan's, so it may build what runs such code while it is built.
      nix.settings = lib.mkIf (granted != [ ]) { extra-system-features = granted; };
    })

    # It warns and does not fail: a machine that no longer fits must still boot and be repaired.
    (lib.mkIf checked {
      system.activationScripts.llama-fleet-cpu = {
        text = "${fleet.check} || true";
        supportsDryActivation = true;
      };
    })
  ] ++ lib.optionals hasService [
    (lib.mkIf ready { services.llama-cpp.package = lib.mkDefault cfg.package; })

    (lib.mkIf (served && usesGpu) {
      systemd.services.llama-cpp.serviceConfig = {
        # Drivers compile for the card when a program runs (PTX, SPIR-V) and map the result executable.
        MemoryDenyWriteExecute = overUnit false;
        # /dev/nvidia*, /dev/dri, /dev/kfd. No DeviceAllow: one entry would close all the others.
        PrivateDevices = overUnit false;
        SupplementaryGroups = [ "render" "video" ];
      };
    })

    (lib.mkIf (served && builtins.elem "cuda" fleet.backends) {
      # Cards are numbered as the facts, nvidia-smi and CUDA_VISIBLE_DEVICES of the owner number them; CUDA's own order
      # is by speed.
      systemd.services.llama-cpp.environment.CUDA_DEVICE_ORDER = lib.mkDefault "PCI_BUS_ID";
    })

    (lib.mkIf (served && fleet.loads) {
      # The other folder that ggml loads back ends from: none that somebody can write to.
      systemd.services.llama-cpp.serviceConfig.WorkingDirectory = lib.mkDefault "${cfg.package}/bin";
    })

    (lib.mkIf (served && checked && fleet.needs != [ ]) {
      # "+": outside the unit's sandbox, where /proc may show no cpuinfo (ProcSubset=pid).
      systemd.services.llama-cpp.serviceConfig.ExecStartPre = lib.mkBefore [ "+${fleet.check}" ];
    })
  ]);
}
