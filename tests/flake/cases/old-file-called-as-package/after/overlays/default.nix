self: super:
let
  fonts = import ./fonts.nix;
in
{
  hello-fleet = self.callPackage ./hello-fleet.nix { };
}
// fonts self super
