final: prev: {
  llama-cpp = (prev.llama-cpp.override {
    vulkanSupport = true;
  }).overrideAttrs (
    # make it fast, see issue 12
    old: {
      cmakeFlags = old.cmakeFlags ++ [ "-DGGML_LTO=ON" ];
    } # end of flags
    # nothing more
  );

  llama-cpp-cuda = /* A */ (prev.llama-cpp.override /* B */ { cudaSupport /* C */ = true; /* D */ }).overrideAttrs ( /* E */ /* F */ /* G */ old: /* H */ { /* I */
    cmakeFlags = /* J */ old.cmakeFlags ++ /* K */ [ /* L */ "-DGGML_LTO=ON" /* M */ /* N */ ]; /* O */
  } /* P */) /* Q */; # R

  llama-cpp-rpc = (prev.llama-cpp.override { rpcSupport = true; }).overrideAttrs (old: { # one more
    cmakeFlags = old.cmakeFlags ++ [ "-DGGML_LTO=ON" ]; # and its flags
  });

  # nobody needs it
  llama-cpp-plain = prev.llama-cpp.overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ [
      # we once did
    ];
  });
}
