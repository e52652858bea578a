# SPDX-License-Identifier: MIT
# A stand-in for denix: lib.configurations imports every .nix file below `paths` into every host; delib.host adds its
# `nixos` to the host of its name only. Modules get delib and what the owner's specialArgs have.
{
  description = "stand-in for denix";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      below = path: builtins.concatMap
        (name:
          if (builtins.readDir path).${name} == "directory" then below (path + "/${name}")
          else if lib.hasSuffix ".nix" name then [ (path + "/${name}") ]
          else [ ])
        (builtins.attrNames (builtins.readDir path));
    in
    {
      lib.configurations = { moduleSystem, paths ? [ ], specialArgs ? { }, ... }:
        let
          files = builtins.concatMap below paths;
          # All that is asked for first are the names.
          named = file:
            let module = import file (builtins.mapAttrs (name: x: { }) (builtins.functionArgs (import file)) // { delib.host = x: x; }); in
            if module ? name then [ module.name ] else [ ];
          system = current: nixpkgs.lib.nixosSystem {
            specialArgs = specialArgs // {
              delib.host = { name, nixos ? { }, ... }:
                { imports = if name == current then [ (if builtins.isFunction nixos then nixos { inherit name; } else nixos) ] else [ ]; };
            };
            modules = files;
          };
        in
        assert moduleSystem == "nixos";
        lib.genAttrs (builtins.concatMap named files) system;
    };
}
