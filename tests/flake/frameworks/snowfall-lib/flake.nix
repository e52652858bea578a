# SPDX-License-Identifier: MIT
# A stand-in for snowfall-lib: hosts out of systems/<system>/<host>/default.nix, shared modules out of modules/nixos,
# and the arguments that its hosts get. It leaves out packages, homes, shells and whatever is not NixOS on Linux.
{
  description = "stand-in for snowfall-lib";

  outputs = { self }:
    let
      folders = path:
        if !builtins.pathExists path then [ ]
        else builtins.filter (name: (builtins.readDir path).${name} == "directory") (builtins.attrNames (builtins.readDir path));
      make = { inputs, src, snowfall ? { } }: { systems ? { }, overlays ? [ ], ... }:
        let
          inherit (inputs.nixpkgs) lib;
          root = toString (snowfall.root or src);
          shared = map (name: "${root}/modules/nixos/${name}/default.nix") (folders "${root}/modules/nixos");
          host = target: name: lib.nameValuePair name (lib.nixosSystem {
            system = target;
            modules = [
              "${root}/systems/${target}/${name}/default.nix"
              { networking.hostName = name; nixpkgs.overlays = overlays; }
            ] ++ shared ++ (systems.hosts.${name}.modules or [ ]) ++ (systems.modules.nixos or [ ]);
            specialArgs = (systems.hosts.${name}.specialArgs or { }) // {
              inherit target;
              system = target;
              host = name;
              virtual = false;
              namespace = snowfall.namespace or "internal";
              inputs = builtins.removeAttrs inputs [ "src" ];
            };
          });
          targets = builtins.filter (lib.hasSuffix "-linux") (folders "${root}/systems");
        in
        {
          nixosConfigurations = builtins.listToAttrs
            (lib.concatMap (target: map (host target) (folders "${root}/systems/${target}")) targets);
        };
    in
    {
      mkFlake = options: make { inherit (options) inputs src; snowfall = options.snowfall or { }; }
        (builtins.removeAttrs options [ "inputs" "src" "snowfall" ]);
      mkLib = { inputs, src, snowfall ? { } }: inputs.nixpkgs.lib // {
        mkFlake = options: make { inherit inputs src snowfall; } (builtins.removeAttrs options [ "inputs" "src" ]);
      };
    };
}
