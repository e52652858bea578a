{inputs}: [
  inputs.nixpkgs.nixosModules.notDetected
]
