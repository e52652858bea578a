{ pkgs, lib, ... }: {
  environment.systemPackages = builtins.attrValues {
    inherit (pkgs) git;
  } ++ [
    pkgs.vim # the editor
  ];
}
