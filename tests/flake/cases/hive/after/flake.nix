{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    std.url = "github:divnix/std";
    hive.url = "github:divnix/hive";
  };

  outputs = { self, std, hive, ... }@inputs:
    hive.growOn {
      inherit inputs;
      cellsFrom = ./cells;
      cellBlocks = with std.blockTypes; with hive.blockTypes; [ nixosConfigurations ];
    } {
      nixosConfigurations = hive.collect self "nixosConfigurations";
    };
}
