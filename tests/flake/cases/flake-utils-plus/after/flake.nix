{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    utils.url = "github:gytis-ivaskevicius/flake-utils-plus";
  };

  outputs = { self, nixpkgs, utils, ... }@inputs:
    utils.lib.mkFlake {
      inherit self inputs;

      channelsConfig.allowUnfree = true;
      hostDefaults.modules = [ ./modules/common.nix ];

      hosts.carbon.modules = [
        ./hosts/carbon
      ];
      hosts.boron = {
        system = "x86_64-linux";
        modules = [ ./hosts/boron ];
      };
      hosts.argon = { };
      hosts.pear = {
        system = "aarch64-darwin";
        output = "darwinConfigurations";
      };
    };
}
