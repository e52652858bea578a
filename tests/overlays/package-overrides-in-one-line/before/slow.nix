{ nixpkgs.overlays = [ (final: prev: { llama-cpp = prev.unstable.llama-cpp; unstable = prev; }) ]; }
