final: prev: {
  llama-cpp = prev.llama-cpp.overrideAttrs (old: {
    cmakeFlags = builtins.filter (flag: flag != "-DFOO=BAR" && !(final.lib.hasPrefix "-DBAZ=" flag)) old.cmakeFlags;
  });
}
