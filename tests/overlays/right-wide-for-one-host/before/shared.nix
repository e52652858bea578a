# Whoever imports this has the CPU for it.
{ pkgs, ... }:
{
  environment.systemPackages = [
    ((pkgs.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
      cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX512=ON" ];
    }))
  ];
}
