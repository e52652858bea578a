{
  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    denix = {
      url = "github:yunfachi/denix";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = {denix, ...} @ inputs: let
    mkConfigurations = moduleSystem:
      denix.lib.configurations {
        inherit moduleSystem;
        paths = [./hosts];
      };
  in {
    nixosConfigurations = mkConfigurations "nixos";
  };
}
