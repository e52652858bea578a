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
}
