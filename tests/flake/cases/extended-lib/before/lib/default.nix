{ inputs, lib, ... }: {
  mkNixos = hostName: lib.nixosSystem {
    specialArgs = { inherit inputs; };
    modules = [
      { networking = { inherit hostName; }; }
      (../machines + "/${hostName}.nix")
    ];
  };
}
