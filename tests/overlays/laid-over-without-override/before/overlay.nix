final: prev: {
  llama-cpp = prev.llama-cpp // {
    cmakeFlags = prev.llama-cpp.cmakeFlags ++ [ "-DGGML_LTO=ON" ];
  };

  llama-cpp-described = prev.llama-cpp // {
    meta = prev.llama-cpp.meta // { priority = 3; };
  };
}
