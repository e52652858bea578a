// SPDX-License-Identifier: MIT
#include "audit/kernels.h"

#include <gtest/gtest.h>

#include "audit/builds_for_test.h"

namespace lf::audit {
namespace {

using namespace test;
using plan::test::kHaswell;
using plan::test::kSapphireRapids;
using plan::test::kSkylakeX;
using plan::test::kZen4;
using plan::test::with;

TEST(Unused, IsWhatTheHostHasAndKernelsLeaveAlone) {
    const facts::FeatureSet nehalem = {"pni", "ssse3", "sse4_1", "sse4_2", "popcnt"};
    const struct {
        std::vector<std::string_view> kernels;
        facts::FeatureSet host;
        const char* what;
    } cases[] = {
        {{}, {"pni"}, ""},
        {{}, nehalem, "sse42 "},
        {{}, kHaswell, "avx2 "},
        {{}, kZen4, "avx512 "},
        {{"SSSE3", "SSE4"}, kHaswell, "avx2 "},
        {{"AVX"}, with(nehalem, {"avx"}), ""},
        {{"AVX", "FMA", "F16C"}, kHaswell, "avx2 "},
        {{"AVX", "F16C"}, kHaswell, "avx2 fma "},
        {{"AVX2", "FMA", "F16C"}, kHaswell, ""},
        {{"AVX2", "FMA", "F16C"}, with(kHaswell, {"avx_vnni"}), "avx_vnni "},
        {{"AVX2", "FMA", "F16C"}, kSkylakeX, "avx512 "},
        // Four of the five: ggml's option cannot be used.
        {{"AVX2", "FMA", "F16C"}, with(kHaswell, {"avx512f", "avx512cd"}), ""},
        {{"AVX512F_512", "AVX2", "FMA", "F16C"}, kZen4, "avx512_vnni avx512_bf16 "},
        {{"AVX512F_512", "AVX2", "FMA", "F16C", "AVX512_VNNI_512", "AVX512_BF16_512"}, kSapphireRapids, "amx "},
        {{"AVX512F_512", "AVX2", "FMA", "F16C", "AVX512_VNNI_512", "AVX512_BF16_512", "AMX_TILE", "AMX_INT8"},
         kSapphireRapids,
         ""},
    };
    for (const auto& [kernels, host, what] : cases) {
        std::string got;
        for (const Unused& one : unused_by(kernel_use(backend("", {}, kernels)), host, "libggml-cpu.so"))
            got += one.what + " ";
        EXPECT_EQ(got, what) << testing::PrintToString(kernels);
    }
}

TEST(Unused, IsSaidInOneSentence) {
    const auto plain = unused_by(kernel_use(backend("", {}, {})), kHaswell, "lib/libggml-cpu.so");
    ASSERT_EQ(plain.size(), 1U);
    EXPECT_EQ(
        plain[0].text,
        "this is the SSE2 build: the kernels of lib/libggml-cpu.so use no AVX at all, and the host has AVX2; on two "
        "CPUs with AVX-512 such a build was measured 14 to 20 times slower at prompts, 3 to 6 times at generation; "
        "llama-fleet plan says what to build");
    const auto narrow = unused_by(kernel_use(backend("", {}, {"AVX2", "FMA", "F16C"})), kZen4, "libggml-cpu.so");
    ASSERT_EQ(narrow.size(), 1U);
    EXPECT_EQ(narrow[0].text, "the host has AVX-512; the kernels of libggml-cpu.so stop at AVX2");
}

/// An executable without names that has a C library in it, whose string functions are made for every CPU.
TEST(Unused, AFewInstructionsOfALibraryAreNoKernels) {
    FileAudit file = test::file("bin/llama-server", {});
    file.program.instructions = 1'000'000;
    file.program.uses = {
        {isa("BASE"), 900'000, 0x1000}, {isa("AVX512F_512"), 400, 0x2000}, {isa("AVX2"), 60'000, 0x3000}};
    const KernelUse use = kernel_use(file);
    EXPECT_FALSE(use.by_name);
    EXPECT_EQ(use.features, (facts::FeatureSet{"avx", "avx2"}));
    EXPECT_EQ(width_words(use.features), "AVX2");
}

}  // namespace
}  // namespace lf::audit
