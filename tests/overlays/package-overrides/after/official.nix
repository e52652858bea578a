{ inputs, ... }: { nixpkgs.overlays = [ inputs.llama-cpp.overlays.default ]; }
