{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs:
    let
      commonModules = [
        ./common.nix
      ];
      commonOverlays = [
        (final: prev: { })
      ];
      overlay-llama-cpp = host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations = {
        carbon = inputs.nixpkgs.lib.nixosSystem {
          modules = commonModules ++ [
            { nixpkgs.overlays = commonOverlays ++ [ (final: prev: { extra = 1; }) ]; }
            ./carbon.nix
            { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
          ];
        };
        boron = inputs.nixpkgs.lib.nixosSystem {
          modules = commonModules ++ [
            { nixpkgs.overlays = commonOverlays; }
            ./boron.nix
            { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
            ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-cpu ]; })
          ];
        };
      };
    };
}
