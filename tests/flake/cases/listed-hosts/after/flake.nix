{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    llama-cpp = {
      url = "github:ggml-org/llama.cpp";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { nixpkgs, home-manager, ... }@inputs:
    let
      hosts = [
        { hostname = "carbon"; system = "x86_64-linux"; }
        { hostname = "boron"; system = "aarch64-linux"; }
      ];
      makeSystem = host: nixpkgs.lib.nixosSystem {
        inherit (host) system;
        modules = [
          ./machines/${host.hostname}.nix
          { networking.hostName = host.hostname; }
          { nixpkgs.overlays = [ (overlay-llama-cpp host.hostname) ]; }
        ];
      };
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = builtins.listToAttrs (map (host: {
        name = host.hostname;
        value = makeSystem host;
      }) hosts);
    };
}
