{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    lite-config.url = "github:yelite/lite-config";
  };

  outputs = inputs@{ flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.lite-config.flakeModule ];

      lite-config = { lib, ... }: {
        hostModuleDir = ./machines;
        hosts = {
          carbon.system = "x86_64-linux";
          pear.system = "aarch64-darwin";
        };
      };
    };
}
