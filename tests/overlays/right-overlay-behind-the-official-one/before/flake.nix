{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { nixpkgs, llama-cpp, ... }: {
    nixosConfigurations.rig = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./host.nix
        {
          nixpkgs.overlays = [
            (final: prev: { hello-old = prev.hello; })
            llama-cpp.overlays.default
            (import ./overlay.nix)
          ];
        }
      ];
    };
  };
}
