{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama-cpp = { url = "github:ggml-org/llama.cpp"; inputs.nixpkgs.follows = "nixpkgs"; };
  };
  outputs = { nixpkgs, llama-cpp, ... }: let final = llama-cpp; in {
    nixosConfigurations.den = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ({ pkgs, ... }: {
          nixpkgs.overlays = [ (final2: prev: removeAttrs (final.overlays.default final2 prev) [ "llama-cpp" ]) ];
          environment.systemPackages = [ pkgs.llama-cpp ];
        })
      ];
    };
  };
}
