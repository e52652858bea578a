final: prev: {
  llama-cpp = final.llama-cpp.override { vulkanSupport = true; };
}
