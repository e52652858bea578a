# SPDX-License-Identifier: MIT
# How a host stands, to be compared before and after an edit: `prove PARTS WANTED nixosConfigurations`, with
# WANTED = [ HOST … ], or null for all. What throws becomes data, as in question.nix.
parts: wanted: configurations:
let
  inherit (parts) caught text;

  nameOf = package:
    if !(builtins.isAttrs package) then text package
    else text (package.name or package.pname or "without a name");
  named = where: packages: map (package: "${where} ${nameOf package}") packages;
  perUser = prefix: users: pick:
    builtins.concatLists (map (user: named "${prefix}.${user}" (pick users.${user})) (builtins.attrNames users));
  packagesOf = config:
    named "environment.systemPackages" (config.environment.systemPackages or [ ])
    ++ perUser "users.users" (config.users.users or { }) (user: user.packages or [ ])
    ++ perUser "home-manager.users" (config.home-manager.users or { }) (user: user.home.packages or [ ]);

  host = name:
    let
      configuration = configurations.${name};
      inherit (configuration) config;
      pkgs = configuration.pkgs or configuration._module.args.pkgs;
    in
    {
      present = configurations ? ${name};
      overlays = caught (builtins.length (config.nixpkgs.overlays or pkgs.overlays or [ ]));
      packages = caught (packagesOf config);
      toplevel = caught (text config.system.build.toplevel.drvPath);
      # Only our overlay gives all of these.
      ours = caught (pkgs ? llama-cpp-cpu && pkgs ? llama-cpp-multi && pkgs ? llama-cpp-universal);
    };
  names = if wanted == null then builtins.attrNames configurations else wanted;
in
builtins.listToAttrs (map (name: { inherit name; value = host name; }) names)
