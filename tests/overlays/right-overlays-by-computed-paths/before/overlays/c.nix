final: prev: {
  llama-cpp-c = prev.llama-cpp.override { vulkanSupport = true; };
}
