{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flakelight.url = "github:nix-community/flakelight";

  outputs = inputs: inputs.flakelight ./. {
    inherit inputs;
    nixDir = ./.;
  };
}
