{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }:
    let
      system = "x86_64-linux";
      stock = nixpkgs.legacyPackages.${system};
      llama = final: prev: {
        llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
          cmakeFlags = old.cmakeFlags ++ [ "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ];
        });
      };
      pkgs = stock.extend llama;
    in
    {
      devShells.${system}.default = pkgs.mkShell { packages = [ pkgs.llama-cpp ]; };
    };
}
