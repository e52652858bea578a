final: prev: {
  llama-cpp-e = prev.llama-cpp.override { vulkanSupport = true; };
}
