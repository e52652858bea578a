{ inputs, pkgs, ... }:
{
  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = prev.llama-cpp;
      llama-cpp-any = (final.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }).llama-cpp.overrideAttrs (old: {
        cmakeFlags = old.cmakeFlags ++ [
          "-DGGML_BACKEND_DL=ON"
          "-DGGML_CPU_ALL_VARIANTS=ON"
        ];
      });
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp pkgs.llama-cpp-any ];
}
