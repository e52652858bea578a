final: prev: {
  llama-cpp-g = prev.llama-cpp.override { vulkanSupport = true; };
}
