{
  carbon = {
    system = "x86_64-linux";
    modules = [ ./machines/carbon.nix ];
  };
  boron = {
    modules = [ ./machines/boron.nix ];
  };
}
