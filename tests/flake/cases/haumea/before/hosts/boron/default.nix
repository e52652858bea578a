{ inputs, lib }:

lib.nixosSystem {
  system = "x86_64-linux";
  specialArgs = { inherit inputs; };
  modules = [
    { networking.hostName = "boron"; }
  ];
}
