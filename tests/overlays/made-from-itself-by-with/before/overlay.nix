final: prev: with final; {
  llama-cpp = (llama-cpp.override { vulkanSupport = true; }).overrideAttrs (o: { doCheck = false; });
}
