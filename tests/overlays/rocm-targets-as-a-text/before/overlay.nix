final: prev: {
  llama-cpp = prev.llama-cpp.override {
    rocmSupport = true;
    rocmGpuTargets = "gfx1100;gfx1030"; # the desktop and the old card
  };
}
