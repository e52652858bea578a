# my flake
{ # open
  inputs = { # where things come from
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # rolling
    /* the rest
       is history */
  }; # end of inputs

  outputs = inputs /* all of them */: let
    # the old packages
    overlay-stable = final: prev: { }; # boring
    # (end of overlays)
  in { # hosts
    nixosConfigurations.carbon /* laptop */ = inputs.nixpkgs.lib.nixosSystem {
      modules = [
        # first the overlays
        { nixpkgs.overlays = [ /* one */ overlay-stable /* and only */ ]; } # done
        ./carbon.nix # the machine
        # ./unused.nix
      ];
    };
  };
}
