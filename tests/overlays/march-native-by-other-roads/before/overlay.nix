final: prev:
let
  base = prev.llama-cpp.override { cpuArchDynamicDispatch = false; };
in
{
  llama-cpp-flags = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DCMAKE_C_FLAGS=-march=native"
      "-DCMAKE_CXX_FLAGS=-march=native"
    ];
  });

  llama-cpp-adapter = base.override {
    stdenv = final.stdenvAdapters.withCFlags [ "-march=native" ] final.stdenv;
  };

  llama-cpp-impure = base.override { stdenv = final.stdenvAdapters.impureUseNativeOptimizations final.stdenv; };

  llama-cpp-hook = base.overrideAttrs (old: {
    preConfigure = (old.preConfigure or "") + ''
      export NIX_CFLAGS_COMPILE="$NIX_CFLAGS_COMPILE -march=native"
    '';
  });

  llama-cpp-comment = base.overrideAttrs (old: {
    preConfigure = (old.preConfigure or "") + ''
      # no -march=native here
      echo configuring
    '';
  });
}
