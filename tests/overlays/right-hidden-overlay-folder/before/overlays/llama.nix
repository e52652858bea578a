self: super: let inherit (super) lib; in {
  llama-cpp = (super.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (o: {
    cmakeFlags = o.cmakeFlags ++ lib.optionals super.stdenv.hostPlatform.isx86_64 [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
  });
}
