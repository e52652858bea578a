// SPDX-License-Identifier: MIT
#include "audit/ggml_files.h"

#include <gtest/gtest.h>

#include "audit/builds_for_test.h"
#include "plan/cpu_variants.h"

namespace lf::audit {
namespace {

using namespace test;
using facts::FeatureSet;
using plan::test::kHaswell;
using plan::test::kSapphireRapids;
using plan::test::kSkylakeX;
using plan::test::kZen4;
using plan::test::with;

TEST(GgmlNames, AreReadFromFileNames) {
    const struct {
        const char* file;
        const char* name;  // "cpu zen4", "cuda", "" = no backend
    } cases[] = {
        {"libggml-cpu-zen4.so", "cpu zen4"},
        {"libggml-cpu.so", "cpu "},
        {"libggml-cpu.so.0.27.0", "cpu "},
        {"libggml-cpu-haswell.so.0", "cpu haswell"},
        {"libggml-cuda.so", "cuda"},
        {"libggml-cuda-120.so", "cuda-120"},
        {"libggml-base.so", ""},
        {"libggml.so.0", ""},
        {"libggml-cpu.a", ""},
        {"libggml-cpu.sock", ""},
        {"libggml-.so", ""},
        {"libllama.so", ""},
        {".so", ""},
        {"", ""},
    };
    for (const auto& [file, wanted] : cases) {
        const auto name = ggml_name(file);
        EXPECT_EQ(name ? (name->cpu ? "cpu " : "") + name->variant : "", wanted) << file;
    }
}

TEST(GgmlScore, IsWhatTheLibrariesSaid) {
    // As the real libraries said on these CPUs; 0 where one feature lacks.
    const struct {
        const char* variant;
        FeatureSet features;
        std::optional<int> score;
    } cases[] = {
        {"x64", {}, 1},
        {"sse42", {"pni", "ssse3"}, 0},
        {"sse42", {"sse4_2"}, 5},
        {"sandybridge", {"sse4_2", "avx"}, 21},
        {"ivybridge", {"sse4_2", "avx", "f16c"}, 23},
        {"piledriver", {"sse4_2", "avx", "f16c"}, 0},
        {"piledriver", {"sse4_2", "avx", "f16c", "fma"}, 24},
        {"haswell", kHaswell, 64},
        {"alderlake", kHaswell, 0},
        {"alderlake", with(kHaswell, {"avx_vnni"}), 128},
        {"skylakex", kSkylakeX, 192},
        {"skylakex", with(kHaswell, {"avx512f", "avx512cd", "avx512vl", "avx512dq"}), 0},
        {"zen4", kZen4, 1984},
        {"sapphirerapids", kZen4, 0},
        {"sapphirerapids", kSapphireRapids, 4032},
        {"zen9", kZen4, std::nullopt},
        {"armv8.2_1", kZen4, std::nullopt},
    };
    for (const auto& [variant, features, score] : cases) EXPECT_EQ(ggml_score(variant, features), score) << variant;
}

/// Every option of every variant is one that we know how ggml asks for, or one that it does not ask for.
TEST(GgmlScore, EveryOptionIsKnown) {
    const FeatureSet everything = with(kSapphireRapids, {"avx_vnni"});
    for (const plan::CpuVariant& variant : plan::x86_variants()) {
        EXPECT_EQ(ggml_score(variant.name, everything), variant.score) << variant.name;
        if (!variant.options.empty()) {
            EXPECT_EQ(ggml_score(variant.name, {}), 0) << variant.name;
        }
    }
}

TEST(GgmlKernelNames, AreKnownByTheirBeginnings) {
    for (const char* name : {"ggml_vec_dot_q4_0_q8_0", "ggml_gemm_q4_K_8x8_q8_K", "ggml_gemv_iq4_nl_4x4_q8_0",
                             "ggml_compute_forward_mul_mat", "_Z19ggml_quantize_mat_tILl4EL9ggml_type15EEvPKfPvll",
                             "_ZN12_GLOBAL__N_18tinyBLASILi8EDv8_fS1_fffE4gemmILi4ELi3EEEvllll", "llamafile_sgemm"})
        EXPECT_TRUE(is_kernel_name(name)) << name;
    for (const char* name : {"", "main", "ggml_backend_init", "ggml_backend_score", "ggml_graph_plan", "ggml_vec"})
        EXPECT_FALSE(is_kernel_name(name)) << name;
}

elf::Image with_rodata(std::string_view text) {
    elf::Image image;
    elf::Section section;
    section.name = ".rodata";
    section.bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    image.sections.push_back(section);
    return image;
}

elf::Image with_symbol(std::string_view name, std::uint16_t section) {
    elf::Image image;
    elf::Symbol symbol;
    symbol.name = name;
    symbol.section = section;
    image.symbols.push_back(symbol);
    return image;
}

TEST(GgmlKernels, AreFoundBySymbolsOrByTheTextsOfAssertions) {
    EXPECT_EQ(ggml_kernels_of(with_symbol("ggml_vec_dot_q4_0_q8_0", 1)), GgmlKernels::by_symbols);
    EXPECT_EQ(ggml_kernels_of(with_symbol("ggml_vec_dot_q4_0_q8_0", 0)), GgmlKernels::none) << "only wanted here";
    EXPECT_EQ(ggml_kernels_of(with_symbol("main", 1)), GgmlKernels::none);
    EXPECT_EQ(ggml_kernels_of(with_rodata("/build/source/ggml/src/ggml-cpu/ops.cpp")), GgmlKernels::by_strings);
    EXPECT_EQ(ggml_kernels_of(with_rodata("/build/ggml/src/ggml-backend.cpp")), GgmlKernels::none);
    EXPECT_EQ(ggml_kernels_of({}), GgmlKernels::none);
}

}  // namespace
}  // namespace lf::audit
