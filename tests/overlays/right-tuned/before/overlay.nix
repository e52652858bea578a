final: prev: {
	llama-cpp = (prev.llama-cpp.override { cpuArchDynamicDispatch = false; vulkanSupport = true; }).overrideAttrs (old: {
		cmakeFlags = (old.cmakeFlags or []) ++ [
			"-DGGML_NATIVE=OFF"
			"-DGGML_AVX=ON" "-DGGML_AVX2=ON" "-DGGML_FMA=ON" "-DGGML_F16C=ON" "-DGGML_BMI2=ON"
		];
	});
}
