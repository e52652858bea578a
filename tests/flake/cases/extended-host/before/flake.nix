{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./carbon.nix ];
    };
    nixosConfigurations.carbon-rescue = self.nixosConfigurations.carbon.extendModules {
      modules = [ { services.openssh.enable = true; } ];
    };
    nixosConfigurations.carbon-rescue-serial = self.nixosConfigurations.carbon-rescue.extendModules {
      modules = [ { boot.kernelParams = [ "console=ttyS0" ]; } ];
    };
  };
}
