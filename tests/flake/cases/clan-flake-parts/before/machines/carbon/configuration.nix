{ inputs, ... }:
{
  imports = [
    ../../modules/shared.nix
  ];
}
