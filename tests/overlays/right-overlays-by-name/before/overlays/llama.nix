{ inputs, ... }:
final: prev:
let
  tune = package: flags: package.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ flags; });
in
rec {
  llama-cpp-base = prev.llama-cpp.override { cpuArchDynamicDispatch = false; };
  llama-cpp = tune llama-cpp-base [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
  inherit (prev) hello;
}
