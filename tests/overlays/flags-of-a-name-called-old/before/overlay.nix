final: prev:
let
  old = "-DGGML_LTO=ON";
in
{
  llama-cpp = prev.llama-cpp.overrideAttrs { cmakeFlags = [ old ]; };
}
