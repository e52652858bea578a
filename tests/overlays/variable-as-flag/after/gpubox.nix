{ inputs, pkgs, ... }:
let
  llama = ((pkgs.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }).llama-cpp.override { useCuda = true; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_AVX2=ON"
      "-DGGML_FMA=ON"
    ];
  });
in {
  nixpkgs.config.allowUnfree = true;
  services.llama-cpp = { enable = true; package = llama; };
}
