final: prev: {
  llama-cpp = prev.llama-cpp.override {
    rocmSupport = true;
    rocmGpuTargets = [ "gfx900" "gfx906" "gfx908" "gfx90a" "gfx1010" "gfx1030" "gfx1100" "gfx1101" "gfx1103" ];
  };
}
