final: prev: {
  llama-cpp-a = prev.llama-cpp.override { vulkanSupport = true; };
}
