{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }:
    let
      tuned = final: prev: { } // nixpkgs.lib.optionalAttrs (prev ? llama-cpp) {
        llama-cpp = (prev.llama-cpp.override (old: { cpuArchDynamicDispatch = false; })).overrideAttrs (o: {
          cmakeFlags = builtins.concatLists [ o.cmakeFlags [ "-DGGML_AVX2=ON" ] ];
        });
      };
      overlay = nixpkgs.lib.composeExtensions tuned (final: prev: { hello = prev.hello; });
    in
    {
      packages.x86_64-linux.default = (import nixpkgs { system = "x86_64-linux"; overlays = [ overlay ]; }).llama-cpp;
    };
}
