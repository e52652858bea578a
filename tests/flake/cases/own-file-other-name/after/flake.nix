{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs = inputs: {
    nixosConfigurations =
      let
        inherit (inputs.nixpkgs) lib;
        build = file: lib.nixosSystem {
          specialArgs.sources = inputs;
          modules = [ file ];
        };
      in
      {
        desk = build ./carbon.nix;
        rack = build ./boron.nix;
      };
  };
}
