{ lib, ... }: { nixpkgs.config.allowUnfreePredicate = p: lib.hasPrefix "cuda" (lib.getName p); }
