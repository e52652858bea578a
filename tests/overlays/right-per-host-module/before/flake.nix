{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        ./modules/llm.nix
        {
          my.llm = {
            enable = true;
            acceleration = "vulkan";
            instructionSets = [ "AVX" "AVX2" "FMA" "F16C" ];
          };
        }
      ];
    };
  };
}
