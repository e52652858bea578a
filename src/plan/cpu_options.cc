// SPDX-License-Identifier: MIT
#include "plan/cpu_options.h"

#include <algorithm>

#include "plan/cpu_variants.h"

namespace lf::plan {
namespace {

// Which compiler flags an option gives: ggml 0.21.0, src/ggml-cpu/CMakeLists.txt. What a compiler flag brings with it:
// GCC's i386-common.cc (-msse4.2 turns on SSE3, SSSE3, SSE4.1 and POPCNT, -mavx SSE4.2, -mavx512f AVX2; clang adds FMA
// and F16C to -mavx512f). The options of ggml do not bring each other along, so every row names what it builds on.
constexpr CpuOption kX86[] = {
    {"GGML_SSE42", "sse42-by-its-bits", "pni ssse3 sse4_1 sse4_2 popcnt", "",
     "the quantised dot products of ggml start at SSSE3 and SSE4", ""},
    {"GGML_AVX", "avx-by-its-bit", "avx", "GGML_SSE42", "256-bit float registers", ""},
    {"GGML_F16C", "f16c-by-its-bit", "f16c", "GGML_AVX", "converts half floats in hardware, on every block scale", ""},
    {"GGML_FMA", "fma-by-its-bit", "fma", "GGML_AVX", "multiplies and adds in one instruction", ""},
    {"GGML_BMI2", "bmi2-by-its-bit", "bmi2", "", "unpacks bit fields in one instruction", ""},
    {"GGML_AVX2", "avx2-by-its-bit", "avx2", "GGML_AVX",
     "256-bit integers: every quantised kernel of ggml has an AVX2 form",
     "off: what the official flake builds under Nix, plain SSE2; prompts 12, generation 4 times slower (measured)"},
    {"GGML_AVX_VNNI", "avx-vnni-by-its-bit", "avx_vnni", "GGML_AVX2", "8-bit dot products in one instruction", ""},
    {"GGML_AVX512", "avx512-needs-all-five", "avx512f avx512cd avx512vl avx512dq avx512bw",
     "GGML_F16C GGML_FMA GGML_AVX2", "512-bit registers; the option makes the compiler emit all five parts",
     "off: prompts of Q4_0 run 1.4 to 1.7 times slower with AVX2 alone, generation about the same (measured)"},
    {"GGML_AVX512_VBMI", "avx512-vbmi-by-its-bit", "avx512vbmi", "GGML_AVX512", "permutes bytes across 512 bits", ""},
    {"GGML_AVX512_VNNI", "avx512-vnni-by-its-bit", "avx512_vnni", "GGML_AVX512",
     "8-bit dot products over 512 bits, the inner loop of quantised models", ""},
    {"GGML_AVX512_BF16", "avx512-bf16-by-its-bit", "avx512_bf16", "GGML_AVX512",
     "multiplies bfloat16 models without converting them", ""},
    {"GGML_AMX_TILE", "amx-tile-by-its-bit", "amx_tile", "", "the tile registers that AMX multiplies in", ""},
    {"GGML_AMX_INT8", "amx-int8-by-its-bit", "amx_int8", "GGML_AMX_TILE",
     "multiplies 8-bit tiles: prompts ran 1.4 times as fast as with AVX-512 alone (Emerald Rapids, measured)",
     "off: generation was faster there without AMX, 80 against 70 t/s; measure where replies matter more"},
    {"GGML_AMX_BF16", "amx-bf16-by-its-bit", "amx_bf16", "GGML_AMX_TILE", "multiplies bfloat16 tiles", ""},
};

// ggml builds for rv64gc plus every extension whose option is on, and they are on by default whatever GGML_NATIVE says:
// a default build stops with an illegal instruction on a CPU without V. Linux lists extensions by their ISA names.
constexpr CpuOption kRiscv[] = {
    {"GGML_RVV", "rvv-by-its-extension", "v", "", "vector registers", ""},
    {"GGML_RV_ZFH", "zfh-by-its-extension", "zfh", "", "half floats in hardware", ""},
    {"GGML_RV_ZVFH", "zvfh-by-its-extension", "zvfh", "GGML_RVV", "vectors of half floats", ""},
    {"GGML_RV_ZICBOP", "zicbop-by-its-extension", "zicbop", "", "prefetching", ""},
    {"GGML_RV_ZIHINTPAUSE", "zihintpause-by-its-extension", "zihintpause", "", "a pause in waiting loops", ""},
    {"GGML_RV_ZBA", "zba-by-its-extension", "zba", "", "computes addresses in one instruction", ""},
    {"GGML_RV_ZVFBFWMA", "zvfbfwma-when-wanted", "zvfbfwma zvfbfmin", "GGML_RVV", "multiplies bfloat16 models", "", "",
     "compilers know the extension since GCC 15 only, and ggml leaves it off too"},
    {"GGML_XTHEADVECTOR", "xtheadvector-by-its-extension", "xtheadvector", "", "T-Head's vectors of before RVV 1.0", "",
     "GGML_RVV"},
};

// On by default whatever GGML_NATIVE says, as on RISC-V.
constexpr CpuOption kLoongArch[] = {
    {"GGML_LSX", "lsx-by-its-bit", "lsx", "", "128-bit vectors", ""},
    {"GGML_LASX", "lasx-by-its-bit", "lasx", "GGML_LSX", "256-bit vectors", ""},
};

// ggml passes -mvx -mzvector and no -march with it, which the compiler refuses where its own default is older than z13
// (nixpkgs: z10). NNPA is no option any more; both are part of ggml's variants z15 and z16, made with ALL_VARIANTS.
constexpr CpuOption kS390[] = {
    {"GGML_VXE", "vxe-when-wanted", "vx vxd vxe vxe2", "", "128-bit vectors of z15", "", "",
     "ggml gives the compiler no -march here, and older defaults than z13 refuse vectors"},
};

constexpr CpuArchitecture kArchitectures[] = {
    {"x86_64 i686 i586 i486 i386", "CPU: x86-64", "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt; GCC i386-common.cc", kX86},
    {"riscv64", "CPU: RISC-V", "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt", kRiscv},
    {"loongarch64", "CPU: LoongArch", "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt", kLoongArch},
    {"s390x", "CPU: IBM Z", "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt; GCC s390.cc", kS390},
};

}  // namespace

std::span<const CpuArchitecture> cpu_architectures() { return kArchitectures; }

const CpuArchitecture* find_architecture(std::string_view uname_machine) {
    for (const CpuArchitecture& architecture : kArchitectures)
        if (std::ranges::count(words(architecture.names), uname_machine) > 0) return &architecture;
    return nullptr;
}

}  // namespace lf::plan
