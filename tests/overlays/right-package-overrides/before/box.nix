{ pkgs, ... }:
{
  nixpkgs.config = {
    packageOverrides = pkgs: {
      llama-cpp = (pkgs.llama-cpp.override { vulkanSupport = true; cpuArchDynamicDispatch = false; }).overrideAttrs (o: {
        cmakeFlags = o.cmakeFlags ++ [ "-DGGML_AVX2=ON" ];
      });
    };
  };
  environment.systemPackages = [ pkgs.llama-cpp ];
}
