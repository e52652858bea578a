{
  description = "A fleet whose machines each have the llama.cpp that fits them";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

    llama-fleet.url = "git+https://example.org/llama-fleet"; # where you have it from
    llama-fleet.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = { self, nixpkgs, llama-cpp, llama-fleet }:
    let
      host = name: nixpkgs.lib.nixosSystem {
        modules = [
          llama-fleet.nixosModules.default
          {
            networking.hostName = name;
            programs.llama-fleet = {
              enable = true;
              plans = ./llama-fleet/plan; # looked up by the host's name
              inherit llama-cpp;
            };
          }
          (./hosts + "/${name}.nix")
        ];
      };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "desk" "rack" ] host;
    };
}
