inputs: final: prev:
let
  inherit (inputs.llama-cpp.overlays.default final prev) llamaPackages;
  tune = pkg: pkg.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
  });
in
{
  inherit llamaPackages;
  llama-cpp-fast = tune llamaPackages.cuda;
  llama-cpp-plain = tune llamaPackages.cpu;
}
