# SPDX-License-Identifier: MIT
# What the NixOS and the Home Manager module share: the options, and what they and the host's plan come to.
{ lib }:
let
  inherit (lib) literalExpression mkOption types;
  kinds = [ "cpu" "cuda" "vulkan" "rocm" "multi" "universal" ];
  strategies = [ "tailored" "universal" "builder-native" ];
  sources = [ "flake" "nixpkgs" ];
  choice = words: types.nullOr (types.enum words);
  packages = map (kind: "llama-cpp-${kind}") kinds;

  schema = "llama-fleet/plan";
  version = 1;
in
{
  # defaults: { OPTION = { value; text; }; } for those that are not the same in both modules.
  options = defaults:
    let
      default = name: otherwise: otherText:
        if defaults ? ${name} then { default = defaults.${name}.value; defaultText = literalExpression defaults.${name}.text; }
        else { default = otherwise; defaultText = literalExpression otherText; };
    in
    {
      enable = lib.mkEnableOption "llama.cpp as this host's plan builds it";

      host = mkOption (default "host" "" ''""'' // {
        type = types.str;
        example = "carbon";
        description = ''
          The host whose plan is used. It only looks the plan up and stands in messages: no name of a host gets into the
          package's derivation, so hosts with equal plans share one store path.
        '';
      });

      plans = mkOption (default "plans" null "null" // {
        type = types.nullOr types.path;
        example = literalExpression "./llama-fleet/plan";
        description = "The folder with `<host>.json`, as `llama-fleet fit` or `llama-fleet plan` write it.";
      });

      plan = mkOption (default "plan" null "null" // {
        type = types.nullOr (types.either types.path types.attrs);
        example = literalExpression "./carbon.json";
        description = ''
          One plan, a file or an attribute set of its form, instead of looking one up in `plans`.
        '';
      });

      llama-cpp = mkOption (default "llama-cpp" null "null" // {
        type = types.nullOr (types.either types.path types.attrs);
        example = literalExpression "inputs.llama-cpp";
        description = ''
          The official llama.cpp flake: the flake's input, or a folder with its source. Needed unless the source is
          `nixpkgs`. Not something out of `pkgs`: what is built depends on it, and so `pkgs` itself.
        '';
      });

      variant = mkOption (default "variant" null "null" // {
        type = choice kinds;
        example = "vulkan";
        description = "Another variant than the plan's. null: the plan's.";
      });

      strategy = mkOption (default "strategy" null "null" // {
        type = choice strategies;
        example = "universal";
        description = "Another strategy than the plan's. null: the plan's.";
      });

      source = mkOption (default "source" null "null" // {
        type = choice sources;
        example = "nixpkgs";
        description = ''
          Another source than the plan's: `flake` is the official llama.cpp flake (see `llama-cpp`), `nixpkgs` is your
          nixpkgs' own package. null: the plan's.
        '';
      });

      rpc = mkOption (default "rpc" false "false" // {
        type = types.bool;
        example = true;
        description = "Whether to build the RPC back end, which lends this machine's devices to others or uses theirs.";
      });

      webUi = mkOption (default "webUi" null "null" // {
        type = types.nullOr types.bool;
        example = false;
        description = "Whether llama-server has its web page. null: what the package does by itself.";
      });

      checkCpu = mkOption (default "checkCpu" true "true" // {
        type = types.bool;
        example = false;
        description = ''
          Whether to compare `/proc/cpuinfo` with what the plan uses, at each activation and before the service starts. A
          machine that was replaced or moved is told so in words, before anything dies of an illegal instruction.
        '';
      });

      package = mkOption {
        type = types.package;
        defaultText = literalExpression "the package of this host's plan";
        description = ''
          This host's package. Read it; set it only to change what the options above do not, by
          `lib.mkForce (… .overrideAttrs …)`.
        '';
      };
    };

  # cfg: those options; pkgs: where the packages are built. Everything is lazy: without `package` and `check` no part of
  # pkgs is looked at, so that nixpkgs.overlays may depend on it.
  evaluate = cfg: pkgs:
    let
      lookedUp = cfg.plan == null;
      file = if lookedUp then cfg.plans + "/${cfg.host}.json" else cfg.plan;
      document =
        if builtins.isAttrs file && !(file ? outPath) then { inherit schema version; } // file
        else if !(builtins.pathExists file) then null
        else
          let text = builtins.readFile file; in
          if builtins.substring 0 1 (lib.replaceStrings [ " " "\n" "\t" "\r" ] [ "" "" "" "" ] text) != "{"
          then { schema = "no JSON object"; }
          else builtins.addErrorContext "llama-fleet: while reading the plan ${toString file}" (builtins.fromJSON text);

      planned = document.build or { };
      universal = cfg.variant == "universal" || cfg.variant == null && cfg.strategy == "universal";
      package =
        if universal then "llama-cpp-universal"
        else if cfg.variant != null then "llama-cpp-${cfg.variant}"
        else planned.package or "llama-cpp-cpu";
      strategy =
        if cfg.strategy != null then cfg.strategy
        else if universal then "universal"
        else if cfg.variant != null && planned.strategy or "" == "universal" then "tailored"
        else planned.strategy or (if package == "llama-cpp-universal" then "universal" else "tailored");
      # What is loaded side by side: the plan's list, or the cards that it has targets for.
      multi =
        if planned.multi or [ ] != [ ] then planned.multi
        else if !(builtins.elem package [ "llama-cpp-multi" "llama-cpp-universal" ]) then [ ]
        else lib.optional (planned.cuda.architectures or null != null) "cuda"
          ++ lib.optional (planned.rocm.targets or null != null) "rocm"
          ++ lib.optional (planned.package or "" == "llama-cpp-vulkan" || package == "llama-cpp-multi") "vulkan";
      build = planned // {
        inherit package strategy multi;
        source = if cfg.source != null then cfg.source else planned.source or "flake";
      } // lib.optionalAttrs (builtins.isAttrs (planned.cpu.flags or null)) {
        cpu = planned.cpu // { flags = planned.cpu.flags // { GGML_NATIVE = strategy == "builder-native"; }; };
      };

      strange = builtins.filter ({ word, words, ... }: !(builtins.elem word words)) [
        { what = "package"; word = package; words = packages; }
        { what = "strategy"; word = strategy; words = strategies; }
        { what = "source"; word = build.source; words = sources; }
      ];

      # The first thing that is wrong, in one sentence that says what to do; null: nothing.
      problem =
        if lookedUp && cfg.plans == null then
          "where the plans are is not said: programs.llama-fleet.plans = ./llama-fleet/plan;"
        else if lookedUp && builtins.match "[A-Za-z0-9][A-Za-z0-9._-]*" cfg.host == null then
          "no plan can be looked up for the host ${builtins.toJSON cfg.host}: programs.llama-fleet.host = \"…\";"
        else if document == null then
          "there is no plan for ${cfg.host} (${toString file}): on that machine, run "
          + "`llama-fleet fit . --here ${cfg.host} --write --git-add`; a flake sees only files that git knows"
        else if document.schema or "" != schema || document.version or 0 != version then
          "${toString file} is ${builtins.toJSON (document.schema or null)} version ${builtins.toJSON (document.version or null)}"
          + ", this module reads ${builtins.toJSON schema} version ${toString version}: make it anew with "
          + "`llama-fleet fit . --write`"
        else if !(builtins.isAttrs (document.build or null)) then "the plan of ${cfg.host} has no `build`"
        else if strange != [ ] then
          let inherit (lib.head strange) what word words; in
          "the plan of ${cfg.host} has the ${what} ${builtins.toJSON word}, not one of ${lib.concatStringsSep ", " words}: "
          + "make it anew with `llama-fleet fit . --write`"
        else if (strategy == "universal") != (package == "llama-cpp-universal") then
          "the strategy ${strategy} and the package ${package} contradict each other: set programs.llama-fleet.variant too"
        else if build.source == "flake" && cfg.llama-cpp == null then
          "the official llama.cpp flake is not given: programs.llama-fleet.llama-cpp = inputs.llama-cpp; "
          + "(or source = \"nixpkgs\")"
        else null;

      overlay = import ./overlay.nix {
        inputs = { inherit (cfg) llama-cpp; };
        plan = if problem == null then { inherit build; } else throw "llama-fleet: ${problem}";
        inherit (cfg) rpc webUi;
      };
      ours = if problem == null then (overlay pkgs pkgs).${package} else throw "llama-fleet: ${problem}";
      features = import ./cpu-features.nix { inherit lib; };
      # What cannot be had (ROCm on ARM) has none.
      tuning = ours.tuning or { on = [ ]; march = ""; other = [ ]; };
      needs = features.needs tuning;
      untold = features.untold tuning;
      untoldText = ''
        printf '%s\n' "llama-fleet: not everything in the plan of $1 was compared with this CPU:" >&2
        printf '  /proc/cpuinfo has no word for %s\n' ${lib.escapeShellArgs untold} >&2
      '';
    in
    {
      inherit build problem overlay needs untold;
      # Not out of pkgs.llama-cpp-…: it is the same package whether or not an overlay reaches this pkgs (Home Manager has
      # one of its own without useGlobalPkgs), and no later overlay can change what it is.
      package = ours;
      backends =
        if builtins.elem package [ "llama-cpp-multi" "llama-cpp-universal" ] then multi
        else lib.remove "cpu" [ (lib.removePrefix "llama-cpp-" package) ];
      # ggml looks for back ends in its program's folder and in the current one.
      loads = builtins.elem package [ "llama-cpp-multi" "llama-cpp-universal" ];
      check = pkgs.writeShellScript "llama-fleet-cpu-check" ''
        set -- ${lib.escapeShellArgs ([ (if cfg.host == "" then "this-host" else cfg.host) ] ++ needs)}
        ${lib.optionalString (untold != [ ]) untoldText}
        ${builtins.readFile ./cpu-check.sh}
      '';
    };
}
