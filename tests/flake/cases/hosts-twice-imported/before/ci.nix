builtins.attrNames (import ./hosts { nixpkgs = import <nixpkgs> { }; })
