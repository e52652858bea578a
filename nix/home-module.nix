# SPDX-License-Identifier: MIT
# Home Manager, inside NixOS (with or without useGlobalPkgs) or on its own: programs.llama-fleet. See doc/modules.md.
{ config, lib, options, pkgs, ... }@args:
let
  common = import ./module-common.nix { inherit lib; };
  cfg = config.programs.llama-fleet;
  fleet = common.evaluate cfg pkgs;
  ready = cfg.enable && fleet.problem == null;

  # What the system says, where there is one and it has the module, is the default here. osConfig cannot be a named
  # argument: on its own Home Manager gives none, and modules' arguments have no defaults.
  os = args.osConfig or null;
  system = os.programs.llama-fleet or { };
  inherited = name: fallback: text: {
    ${name} = { value = system.${name} or fallback; text = "osConfig.programs.llama-fleet.${name} or ${text}"; };
  };
in
{
  options.programs.llama-fleet = common.options (
    {
      host = {
        value = system.host or os.networking.hostName or "";
        text = ''osConfig.programs.llama-fleet.host or osConfig.networking.hostName or ""'';
      };
    }
    // lib.foldl' (all: name: all // inherited name null "null") { }
      [ "plans" "llama-cpp" "variant" "strategy" "source" "webUi" ]
    // {
      # One plan is of one host: not for a home that names another host, or other plans.
      plan = {
        value = if cfg.host == system.host or null && cfg.plans == system.plans or null then system.plan or null else null;
        text = "osConfig.programs.llama-fleet.plan or null # if host and plans are osConfig's too";
      };
    }
    // inherited "rpc" false "false"
    // inherited "checkCpu" true "true"
  );

  config = lib.mkMerge ([
    { programs.llama-fleet.package = lib.mkOptionDefault fleet.package; }

    (lib.mkIf cfg.enable {
      assertions = [ { assertion = fleet.problem == null; message = "llama-fleet: ${toString fleet.problem}"; } ];
    })

    # No overlay: with useGlobalPkgs Home Manager may not add one, and the package does not need it.
    (lib.mkIf ready { home.packages = [ cfg.package ]; })
  ] ++ lib.optionals (options ? home && options.home ? activation) [
    (lib.mkIf (ready && cfg.checkCpu && (fleet.needs != [ ] || fleet.untold != [ ])) {
      home.activation.llama-fleet-cpu = { after = [ "writeBoundary" ]; before = [ ]; data = "${fleet.check} || true"; };
    })
  ]);
}
