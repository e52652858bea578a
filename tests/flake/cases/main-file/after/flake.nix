{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, ... }@inputs:
    let
      overlay-llama-cpp =
        host:
        import ./overlays/llama-cpp.nix {
          inherit inputs;
          plan = ./llama-fleet/plan + "/${host}.json";
        };
    in
    {
      nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./carbon-machine.nix
          ./services/openvpn.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
        ];
      };
      nixosConfigurations.boron = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./hosts/boron
          { nixpkgs.overlays = [ (overlay-llama-cpp "boron") ]; }
        ];
      };
      nixosConfigurations.helium = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./helium.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "helium") ]; }
        ];
      };
      nixosConfigurations.neon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./services/wireguard.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "neon") ]; }
          ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-vulkan ]; })
        ];
      };
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./common.nix
          ./argon.nix
          { nixpkgs.overlays = [ (overlay-llama-cpp "argon") ]; }
          ({ pkgs, ... }: { environment.systemPackages = [ pkgs.llama-cpp-vulkan ]; })
        ];
      };
    };
}
