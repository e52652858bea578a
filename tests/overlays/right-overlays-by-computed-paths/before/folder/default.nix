final: prev: {
  llama-cpp-folder = prev.llama-cpp.override { vulkanSupport = true; };
}
