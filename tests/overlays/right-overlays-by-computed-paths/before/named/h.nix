final: prev: {
  llama-cpp-h = prev.llama-cpp.override { vulkanSupport = true; };
}
