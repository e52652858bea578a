{ lib, ... }:
let
  steam = pkg: lib.getName pkg == "steam";
in
{
  nixpkgs.config.allowUnfreePredicate = steam;
}
