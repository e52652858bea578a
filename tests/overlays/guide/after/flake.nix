{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, llama-cpp }@inputs: {
    nixosConfigurations.a = nixpkgs.lib.nixosSystem {
      modules = [
        { nixpkgs.overlays = [ (import ./overlays/llama.nix { inherit inputs; }) ]; nixpkgs.hostPlatform = "x86_64-linux"; }
        ({ pkgs, ... }: { environment.systemPackages = with pkgs; [ llama-cpp-cpu llama-cpp-cuda ]; nixpkgs.config.allowUnfree = true; })
      ];
    };
  };
}
