{ config, pkgs, lib, ... }:

let
  llama = pkgs.llama-cpp.override { vulkanSupport = true; cpuArchDynamicDispatch = false; } // {
    overrideAttrs = old: {
      cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" "-DGGML_F16C=ON" ];
    };
  };
in
{
  services.llama-cpp.enable = true;
  services.llama-cpp.package = llama;
}
