{ pkgs, ... }: { imports = [ ./tools.nix ]; }
