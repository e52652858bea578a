{
	inputs = {
		nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
		disko.url = "github:nix-community/disko";
		disko.inputs.nixpkgs.follows = "nixpkgs";
		llama-cpp.url = "github:ggml-org/llama.cpp";
		llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
	};

	outputs = { nixpkgs, ... }@inputs:
	let
		overlay-stable = final: prev: { };
		overlay-llama-cpp = host:
			import ./overlays/llama-cpp.nix {
				inherit inputs;
				plan = ./llama-fleet/plan + "/${host}.json";
			};
	in
	{
		nixosConfigurations = {
			carbon = nixpkgs.lib.nixosSystem {
				system = "x86_64-linux";
				modules = [
					{
						nixpkgs.overlays = [
							overlay-stable
							(overlay-llama-cpp "carbon")
						];
					}
					./machines/carbon.nix
				];
			};
		};
	};
}
