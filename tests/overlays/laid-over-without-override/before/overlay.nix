final: prev:
let
  overrideAttrs = old: { cmakeFlags = old.cmakeFlags ++ [ "-DGGML_LTO=ON" ]; };
in
{
  llama-cpp-inherited = prev.llama-cpp.override { vulkanSupport = true; } // {
    inherit overrideAttrs;
  };

  llama-cpp = prev.llama-cpp // {
    cmakeFlags = prev.llama-cpp.cmakeFlags ++ [ "-DGGML_LTO=ON" ];
  };

  llama-cpp-described = prev.llama-cpp // {
    meta = prev.llama-cpp.meta // { priority = 3; };
  };
}
