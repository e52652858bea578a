{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    llama.url = "github:ggerganov/llama.cpp/b4567";
  };

  outputs = { nixpkgs, llama, ... }: {
    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {
      modules = [
        { nixpkgs.overlays = [ (final: prev: { }) ]; }
        ./carbon.nix
        {
          nixpkgs.overlays = [
            (import ./overlays/llama-cpp.nix {
              inputs.llama-cpp = llama;
              plan = ./llama-fleet/plan/carbon.json;
            })
          ];
        }
      ];
    };
  };
}
