# SPDX-License-Identifier: MIT
# A stand-in for flakelight: the input itself is called with a folder and a module; hosts are arguments of nixosSystem,
# in the module or in files of <nixDir>/nixos. It leaves out everything but nixosConfigurations.
{
  description = "stand-in for flakelight";

  outputs = { self }:
    let
      mkFlake = src: given:
        let
          arguments = { inherit inputs src; lib = inputs.nixpkgs.lib; };
          module = if builtins.isFunction given then given arguments else given;
          inherit (module) inputs;
          call = x: if builtins.isFunction x then x arguments else x;
          folder = (module.nixDir or (src + "/nix")) + "/nixos";
          names = if builtins.pathExists folder then builtins.attrNames (builtins.readDir folder) else [ ];
          inFolder = builtins.listToAttrs (map
            (name: { name = builtins.replaceStrings [ ".nix" ] [ "" ] name; value = import (folder + "/${name}"); })
            names);
          system = hostname: host: inputs.nixpkgs.lib.nixosSystem (host // {
            specialArgs = { inherit inputs hostname; } // (host.specialArgs or { });
            modules = host.modules or [ ];
          });
        in
        {
          nixosConfigurations = builtins.mapAttrs (name: host: system name (call host))
            (inFolder // call (module.nixosConfigurations or { }));
        };
    in
    { __functor = self: mkFlake; lib = { inherit mkFlake; }; };
}
