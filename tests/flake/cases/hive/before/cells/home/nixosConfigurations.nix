{ inputs, cell }:
{
  carbon = {
    bee.system = "x86_64-linux";
    bee.pkgs = import inputs.nixpkgs {
      system = "x86_64-linux";
      overlays = [ ];
    };
    networking.hostName = "carbon";
  };
  boron = {
    bee = {
      system = "x86_64-linux";
      pkgs = import inputs.nixpkgs {
        system = "x86_64-linux";
        overlays = [ ];
      };
    };
    imports = [ ];
    networking.hostName = "boron";
  };
}
