self: super:
let
  fonts = import ./fonts.nix;
in
{
  llama-cpp = self.callPackage ./llama-cpp.nix { };
  hello-fleet = self.callPackage ./hello-fleet.nix { };
}
// fonts self super
