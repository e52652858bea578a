{ nixpkgs.config.allowUnfree = true; }
