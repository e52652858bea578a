{ flake.overlays.tools = final: prev: { }; }
