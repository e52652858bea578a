{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = { self, nixpkgs, llama-cpp }:
    let
      machine = file: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit self; };
        modules = [ file ];
      };
    in
    {
      nixosConfigurations.carbon = machine ./hosts/carbon.nix;
      nixosConfigurations.nas = machine ./hosts/boron.nix;
    };
}
