{ pkgs, ... }: {
  services.llama-cpp.package = (pkgs.llama-cpp.override { openclSupport = true; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [ "-DLLAMA_CUBLAS=ON" ];
  });
  systemd.services.other.script = "${pkgs.llama-cpp.override { openclSupport = true; }}/bin/llama-server";
}
