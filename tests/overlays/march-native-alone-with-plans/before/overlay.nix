final: prev:
let
  base = prev.llama-cpp.override { cpuArchDynamicDispatch = false; };
in
{
  llama-cpp-sum = base.overrideAttrs (old: {
    NIX_CFLAGS_COMPILE = (old.NIX_CFLAGS_COMPILE or "") + " -march=native";
  });

  llama-cpp-words = base.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = toString [
        (old.env.NIX_CFLAGS_COMPILE or "")
        "-march=native"
      ];
    };
  });

  llama-cpp-beside = base.overrideAttrs (old: {
    NIX_CFLAGS_COMPILE = (old.NIX_CFLAGS_COMPILE or "") + " -march=native";
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_LTO=ON"
    ];
  });

  llama-cpp-flags = base.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      "-DCMAKE_C_FLAGS=-march=native"
      "-DCMAKE_CXX_FLAGS=-march=native"
    ];
  });
}
