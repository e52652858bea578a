# my flake
{ # open
  inputs = { # where things come from
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # rolling
    /* the rest
       is history */
    llama-cpp.url = "github:ggml-org/llama.cpp";
    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  }; # end of inputs

  outputs = inputs /* all of them */: let
    # the old packages
    overlay-stable = final: prev: { }; # boring
    overlay-llama-cpp = host:
      import ./overlays/llama-cpp.nix {
        inherit inputs;
        plan = ./llama-fleet/plan + "/${host}.json";
      };
    # (end of overlays)
  in { # hosts
    nixosConfigurations.carbon /* laptop */ = inputs.nixpkgs.lib.nixosSystem {
      modules = [
        # first the overlays
        { nixpkgs.overlays = [ /* one */ overlay-stable /* and only */ ]; } # done
        ./carbon.nix # the machine
        # ./unused.nix
        { nixpkgs.overlays = [ (overlay-llama-cpp "carbon") ]; }
      ];
    };
  };
}
