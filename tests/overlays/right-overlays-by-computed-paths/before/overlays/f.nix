final: prev: {
  llama-cpp-f = prev.llama-cpp.override { vulkanSupport = true; };
}
