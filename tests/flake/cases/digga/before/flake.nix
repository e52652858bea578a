{
  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-23.11";
    digga.url = "github:divnix/digga";
    digga.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, digga, nixpkgs, ... }@inputs:
    digga.lib.mkFlake {
      inherit self inputs;

      nixos = {
        imports = [ (digga.lib.importHosts ./hosts/nixos) ];
        hosts = {
          boron.modules = [ { nixpkgs.hostPlatform = "x86_64-linux"; } ];
        };
      };
    };
}
