# SPDX-License-Identifier: MIT
"""What reaches the compiler past the flags of the plan: each line is one host's overlay behind ours."""
import json

import fixture
from people import expect, layer

PLUS = 'cmakeFlags = old.cmakeFlags ++ [ {} ];'

# Attributes of the derivation, its layer's verdict, and what is said of it.
CASES_OF_DERIVATIONS = [
    (PLUS.format('"-DGGML_CPU_ALL_VARIANTS=ON" "-DGGML_BACKEND_DL=ON"'), "not-shown", "GGML_CPU_ALL_VARIANTS"),
    (PLUS.format('"-DGGML_CPU_ALL_VARIANTS=OFF"'), "shown", ""),
    ('cmakeBuildType = "Debug";', "not-shown", "cmakeBuildType"),
    ('cmakeBuildType = "RelWithDebInfo";', "shown", ""),
    ('NIX_CXXSTDLIB_COMPILE = "-march=native";', "not-shown", "NIX_CXXSTDLIB_COMPILE"),
    ('env.NVCC_APPEND_FLAGS = "-Xcompiler=-march=native";', "not-shown", "NVCC_APPEND_FLAGS"),
    ('preConfigure = "cmakeFlagsArray+=(-DGGML_AVX2=OFF)";', "cannot-tell", "cmakeFlagsArray+=(-DGGML_AVX2=OFF)"),
    ('preConfigure = "export NIX_CFLAGS_COMPILE=-march=native";', "cannot-tell", "preConfigure may change"),
    ("preConfigure = ''\n  prependToVar cmakeFlags \"-DLLAMA_BUILD_COMMIT=$(cat COMMIT)\"\n'';", "shown", ""),
    ('configurePhase = "cmake -B build";', "cannot-tell", "configurePhase"),
    ('dontUseCmakeConfigure = true;', "cannot-tell", "dontUseCmakeConfigure"),
    (PLUS.format('"-DCMAKE_TOOLCHAIN_FILE=/x"'), "cannot-tell", "CMAKE_TOOLCHAIN_FILE"),
    ('env.NVCC_PREPEND_FLAGS = "-Xcompiler -mavx512f";', "not-shown", "NVCC_PREPEND_FLAGS"),
]


def past_the_flags(someone, folder):
    hosts = list(fixture.HOSTS)
    for start in range(0, len(CASES_OF_DERIVATIONS), len(hosts)):
        batch = list(zip(hosts, CASES_OF_DERIVATIONS[start:]))
        overlays = (f'"{host}" = [ (final: prev: {{ llama-cpp-cpu = prev.llama-cpp-cpu.overrideAttrs (old: {{ {more} }}); }}) ];'
                    for host, (more, _, _) in batch)
        report, answers = someone.report(fixture.make(folder, later="{ " + "\n".join(overlays) + " }"))
        expect(report["processes"] == 1, someone, "one evaluation", report["processes"])
        for host, (more, verdict, said) in batch:
            found = layer(answers[host], "llama-cpp-cpu")
            words = " ".join([found["why"], *(one["name"] for one in found["differences"])])
            expect(found["verdict"] == verdict and said in words, someone, more, json.dumps(found, indent=1))


CASES = [past_the_flags]
