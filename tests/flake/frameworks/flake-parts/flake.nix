# SPDX-License-Identifier: MIT
# A stand-in for flake-parts: lib.mkFlake over the stand-in of nixpkgs. Its modules get inputs, self, lib and
# withSystem; nixosModules are joined, and so are `modules` with flakeModules.modules; any other output can be defined
# once. It leaves out perSystem.
{
  description = "stand-in for flake-parts";

  outputs = { self }:
    let
      deferred = { merge = path: values: { imports = values; }; };
      once = {
        merge = path: values:
          if builtins.length values == 1 then builtins.head values
          else throw "The option `${builtins.concatStringsSep "." path}' is defined multiple times";
      };
    in
    {
      lib.mkFlake = { inputs, specialArgs ? { } }: module:
        let
          inherit (inputs.nixpkgs) lib;
          evaluated = lib.evalModules {
            modules = [ module {
              options = {
                systems = lib.mkOption { default = [ ]; };
                perSystem = lib.mkOption { default = { }; type.merge = path: values: { }; };
                flake.nixosModules = lib.mkOption { default = { }; type = lib.types.lazyAttrsOf deferred; };
                flake.nixosConfigurations = lib.mkOption { default = { }; type = lib.types.lazyAttrsOf lib.types.raw; };
              };
            } ];
            specialArgs = { inherit inputs; inherit (inputs) self; withSystem = system: f: f { inherit system; }; } // specialArgs;
          };
        in
        evaluated.config.flake;

      flakeModules.modules = { lib, ... }: {
        options.flake.modules =
          lib.mkOption { default = { }; type = lib.types.lazyAttrsOf (lib.types.lazyAttrsOf deferred); };
      };
    };
}
