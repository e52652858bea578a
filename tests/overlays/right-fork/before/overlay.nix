final: prev: {
  ik-llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    pname = "ik-llama-cpp";
    src = final.fetchFromGitHub {
      owner = "ikawrakow";
      repo = "ik_llama.cpp";
      rev = "0000000000000000000000000000000000000000";
      hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    };
    npmDepsHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    cmakeFlags = old.cmakeFlags ++ [
      "-DGGML_IQK_FA_ALL_QUANTS=ON"
      "-DGGML_CUDA_F16=ON"
    ];
  });
}
