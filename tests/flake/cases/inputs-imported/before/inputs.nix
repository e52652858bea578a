{ nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; }
