final: prev: with final; {
  llama-cpp = (prev.llama-cpp.override { vulkanSupport = true; }).overrideAttrs (o: { doCheck = false; });
}
