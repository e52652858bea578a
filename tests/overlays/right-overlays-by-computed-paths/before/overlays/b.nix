final: prev: {
  llama-cpp-b = prev.llama-cpp.override { vulkanSupport = true; };
}
