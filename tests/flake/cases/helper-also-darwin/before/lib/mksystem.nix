{ nixpkgs, inputs }:

name:
{
  system,
  darwin ? false,
}:

let
  systemFunc = if darwin then inputs.darwin.lib.darwinSystem else nixpkgs.lib.nixosSystem;
in
systemFunc {
  inherit system;
  modules = [ ../machines/${name}.nix ];
}
