{
	inputs = {
		nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
		disko.url = "github:nix-community/disko";
		disko.inputs.nixpkgs.follows = "nixpkgs";
	};

	outputs = { nixpkgs, ... }@inputs:
	let
		overlay-stable = final: prev: { };
	in
	{
		nixosConfigurations = {
			carbon = nixpkgs.lib.nixosSystem {
				system = "x86_64-linux";
				modules = [
					{
						nixpkgs.overlays = [
							overlay-stable
						];
					}
					./machines/carbon.nix
				];
			};
		};
	};
}
