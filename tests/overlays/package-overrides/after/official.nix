{ inputs, lib, ... }: { nixpkgs.overlays = lib.mkBefore [ inputs.llama-cpp.overlays.default ]; }
