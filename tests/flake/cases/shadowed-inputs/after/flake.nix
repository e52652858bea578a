{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, ... }@inputs: let
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
  in {
    nixosConfigurations = builtins.mapAttrs (host: inputs: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./base.nix
        { nixpkgs.overlays = [ (overlay-llama-cpp host) ]; }
      ] ++ inputs.modules;
    }) { carbon = { modules = [ ]; }; } // {
      boron =
        let
          inputs = [ "keyboard" "mouse" ];
        in
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./base.nix
            { users.groups.input.members = inputs; }
            { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
          ];
        };
      krypton =
        let
          all = inputs;
        in
        (inputs: nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./krypton.nix { nixpkgs.overlays = [ (overlay-llama-cpp "krypton") ]; } ];
        }) all;
    };
  };
}
