{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [ tiddlywiki ];
}
