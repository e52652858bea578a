{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      modules = [
        ./machines/carbon.nix
      ] ++ nixpkgs.lib.filesystem.listFilesRecursive ./nixos;
    };
  };
}
