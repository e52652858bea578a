final: prev: {
  llama-cpp-d = prev.llama-cpp.override { vulkanSupport = true; };
}
