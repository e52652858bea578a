{
  description = "two machines and a library of their own";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = {
    self,
    flake-parts,
    ...
  } @ inputs:
    flake-parts.lib.mkFlake {inherit inputs;} {
      systems = ["x86_64-linux"];

      flake = {
        lib = import ./lib {inherit inputs;};

        nixosConfigurations = {
          carbon = self.lib.nixosSystem {
            system = "x86_64-linux";
            host = "carbon";
          };

          boron = self.lib.nixosSystem {
            system = "x86_64-linux";
            host = "boron";
          };
        };
      };
    };
}
