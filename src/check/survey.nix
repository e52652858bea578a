# SPDX-License-Identifier: MIT
# What a flake has of llama.cpp, asked without any plan: `survey PARTS WANTED nixosConfigurations`, with
# WANTED = { HOST = { installed = true; evaluates = [ "llama-cpp" … ]; }; }, or null for all hosts and all questions.
# As in question.nix, what throws becomes data; what tryEval cannot catch ends the evaluation, and less is asked then.
parts: wanted: configurations:
let
  inherit (parts) caught text;
  variants = [ "llama-cpp" "llama-cpp-cuda" "llama-cpp-rocm" "llama-cpp-vulkan" ];

  # The names that `.override` takes, whichever way the package was made overridable.
  arguments = package:
    let override = package.override or null; in
    builtins.attrNames (
      if builtins.isFunction override then builtins.functionArgs override
      else if builtins.isAttrs override then override.__functionArgs or { }
      else { });

  describe = where: package: {
    inherit where;
    name = text (package.name or package.pname);
    pname = text (package.pname or "");
    drv = caught (text package.drvPath);
    facts = caught (parts.facts package);
    arguments = caught (arguments package);
  };

  flag = value: if builtins.isBool value then value else null;

  # systemd's own words for yes.
  denies = value:
    if builtins.isString value then builtins.elem value [ "yes" "true" "on" "1" ]
    else flag value;

  host = name: request:
    let
      configuration = configurations.${name};
      inherit (configuration) config;
      pkgs = configuration.pkgs or configuration._module.args.pkgs;
      asked = builtins.filter (attribute: pkgs ? ${attribute}) request.evaluates;
    in
    if !(configurations ? ${name}) then { present = false; }
    else {
      present = true;
      usable = (caught (builtins.isAttrs pkgs)).ok;
      attributes = caught (builtins.filter
        (attribute: builtins.match "llama.*" attribute != null)
        (builtins.attrNames pkgs));
      cudaSupport = caught (flag (pkgs.config.cudaSupport or null));
      rocmSupport = caught (flag (pkgs.config.rocmSupport or null));
      system = caught (text (pkgs.stdenv.hostPlatform.system or ""));
      gccArch = caught (text (pkgs.stdenv.hostPlatform.gcc.arch or ""));
      denyWriteExecute =
        if request.installed
        then caught (denies (config.systemd.services.llama-cpp.serviceConfig.MemoryDenyWriteExecute or null))
        else caught null;
      packages = if request.installed then caught (parts.installed describe config) else caught null;
      evaluates = caught (builtins.listToAttrs (map
        (attribute: { name = attribute; value = (caught (text pkgs.${attribute}.drvPath)).ok; })
        asked));
    };
in
builtins.mapAttrs host (
  if wanted == null
  then builtins.mapAttrs (name: configuration: { installed = true; evaluates = variants; }) configurations
  else wanted)
