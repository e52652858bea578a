final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (o: {
    src = final.applyPatches {
      src = o.src;
      patches = [ ./x.patch ];
    };
  });
}
