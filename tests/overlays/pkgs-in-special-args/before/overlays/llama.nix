final: prev: {
  llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; }).overrideAttrs (old: {
    cmakeFlags = old.cmakeFlags ++ map (x: "-DGGML_${x}=ON") [ "AVX" "AVX2" "FMA" "F16C" "BMI2" ];
  });
}
