{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { nixpkgs, llama-cpp, ... }: {
    nixosConfigurations.rig = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        {
          nixpkgs.overlays = [ (final: prev: removeAttrs (llama-cpp.overlays.default final prev) [ "llama-cpp" ]) ];
        }
        ({ pkgs, ... }: {
          environment.systemPackages = builtins.attrValues {
            inherit (pkgs) llama-cpp-vulkan hello;
            cuda = llama-cpp.legacyPackages.x86_64-linux.llamaPackagesCuda.llama-cpp;
          };
        })
      ];
    };
  };
}
