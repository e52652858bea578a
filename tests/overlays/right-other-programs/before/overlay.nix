final: prev: {
  ollama = prev.ollama.override { acceleration = "cuda"; };
  whisper-cpp = (prev.whisper-cpp.override { cudaSupport = true; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_NATIVE=ON" "-DWHISPER_CUBLAS=ON" ];
    env.NIX_CFLAGS_COMPILE = "-march=native";
  });
  python3Packages = prev.python3Packages.overrideScope (pyfinal: pyprev: {
    llama-cpp-python = (pyprev.llama-cpp-python.override { cudaSupport = true; }).overridePythonAttrs (old: {
      CMAKE_ARGS = "-DGGML_CUDA=on -DLLAMA_CUBLAS=on";
    });
  });
}
