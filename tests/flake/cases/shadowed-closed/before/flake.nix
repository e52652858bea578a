{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      inputs = "keyboard";
      llama-cpp = "a group";
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ./carbon.nix { users.groups.${llama-cpp}.members = [ inputs ]; } ];
      };
    };
}
