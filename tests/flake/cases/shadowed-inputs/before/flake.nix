{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations = builtins.mapAttrs (host: inputs: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./base.nix ] ++ inputs.modules;
    }) { carbon = { modules = [ ]; }; } // {
      boron =
        let
          inputs = [ "keyboard" "mouse" ];
        in
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./base.nix { users.groups.input.members = inputs; } ];
        };
      krypton =
        let
          all = inputs;
        in
        (inputs: nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./krypton.nix ];
        }) all;
    };
  };
}
