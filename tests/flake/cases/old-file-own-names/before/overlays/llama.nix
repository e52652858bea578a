final: prev: {
  llama-cpp = prev.llama-cpp.override { blasSupport = true; };
  llama-cpp-blas = final.llama-cpp;
}
