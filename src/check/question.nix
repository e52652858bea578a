# SPDX-License-Identifier: MIT
# What check asks, in one evaluation: `question WANTED nixosConfigurations`, with
# WANTED = { HOST = { packages = [ "llama-cpp-cuda" … ]; installed = true; }; }.
# What is missing or throws becomes data here and hides nothing else. What tryEval cannot catch (a missing attribute deep
# inside a package, endless recursion) ends the evaluation: then check asks again for less at a time.
wanted: configurations:
let
  caught = value:
    let result = builtins.tryEval (builtins.deepSeq value value);
    in if result.success then { ok = true; inherit (result) value; } else { ok = false; value = null; };

  text = value:
    if builtins.isAttrs value && !(value ? outPath || value ? __toString) then "{ }"
    else builtins.unsafeDiscardStringContext (toString value);

  texts = value:
    if value == null then [ ]
    else if builtins.isList value then map text value
    else [ (text value) ];

  variables = [ "NIX_CFLAGS_COMPILE" "NIX_ENFORCE_NO_NATIVE" "CFLAGS" "CXXFLAGS" ];

  # A package that is a pinned copy of a whole build names that build in `whole`.
  facts = package:
    let
      build = package.whole or package;
      environment = build.env or { };
      isSet = name: (build.${name} or environment.${name} or null) != null;
    in
    {
      name = text (package.name or "");
      mainProgram = text (package.meta.mainProgram or "");
      hasFlags = build ? cmakeFlags;
      cmakeFlags = texts (build.cmakeFlags or null);
      structured = build.__structuredAttrs or false == true;
      environment = builtins.listToAttrs (map
        (name: { inherit name; value = text (build.${name} or environment.${name}); })
        (builtins.filter isSet variables));
      requiredFeatures = texts (build.requiredSystemFeatures or null);
    };

  describe = pkgs: attribute:
    if !(pkgs ? ${attribute}) then { found = false; facts = caught null; drv = caught ""; }
    else {
      found = true;
      facts = caught (if builtins.isAttrs pkgs.${attribute} then facts pkgs.${attribute} else throw "not a package");
      drv = caught (text pkgs.${attribute}.drvPath);
    };

  isLlama = package:
    let name = builtins.tryEval (package.pname or package.name or "");
    in name.success && builtins.isString name.value && builtins.match "llama[-.]cpp.*" name.value != null;

  among = where: packages:
    map
      (package: {
        inherit where;
        name = text (package.name or package.pname);
        drv = (caught (text package.drvPath)).value;
      })
      (builtins.filter
        (package: (builtins.tryEval (builtins.isAttrs package)).value && isLlama package)
        packages);

  installed = config:
    let
      perUser = prefix: suffix: users: pick:
        builtins.concatLists (map (user: among "${prefix}.${user}.${suffix}" (pick users.${user}))
          (builtins.attrNames users));
    in
    among "environment.systemPackages" (config.environment.systemPackages or [ ])
    ++ perUser "users.users" "packages" (config.users.users or { }) (user: user.packages or [ ])
    ++ perUser "home-manager.users" "home.packages" (config.home-manager.users or { }) (user: user.home.packages or [ ])
    ++ (if config.services.llama-cpp.enable or false
        then among "services.llama-cpp.package" [ config.services.llama-cpp.package ]
        else [ ]);

  host = name: request:
    let
      configuration = configurations.${name};
      pkgs = configuration.pkgs or configuration._module.args.pkgs;
    in
    if !(configurations ? ${name}) then { present = false; }
    else {
      present = true;
      usable = (caught (builtins.isAttrs pkgs)).ok;
      packages = (caught (builtins.listToAttrs
        (map (attribute: { name = attribute; value = describe pkgs attribute; }) request.packages))).value;
      installed = if request.installed then (caught (installed configuration.config)).value else null;
    };
in
builtins.mapAttrs host wanted
