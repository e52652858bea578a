self: super: {
  # fast!
  llama-cpp = (super.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (o: {
    cmakeFlags = o.cmakeFlags ++ [ "-DGGML_NATIVE=ON" ];
  });
}
