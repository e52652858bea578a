{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    (final: prev:
      let
        llamaPackages = prev.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { };
      in
      prev.lib.optionalAttrs (prev.system == "x86_64-linux") {
        llama-cpp = llamaPackages.llama-cpp.overrideAttrs (old: {
          cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
        });
      })
  ];
  environment.systemPackages = [ pkgs.llama-cpp ];
}
