// SPDX-License-Identifier: MIT
#include "check/compiler_flags.h"

#include <gtest/gtest.h>

#include "plan/cpu_options.h"
#include "plan/cpu_variants.h"
#include "plan/options.h"

namespace lf::check {
namespace {

using Words = std::vector<std::string>;

TEST(CompilerFlags, EveryX86OptionHasItsFlags) {
    for (const plan::CpuOption& option : plan::find_architecture("x86_64")->options) {
        EXPECT_FALSE(compiler_flags({{std::string(option.name), true}}).empty()) << option.name;
        EXPECT_TRUE(compiler_flags({{std::string(option.name), false}}).empty()) << option.name;
    }
    EXPECT_EQ(compiler_flags({{"GGML_AVX512", true}}).size(), 5U);
    EXPECT_EQ(compiler_flags({{"GGML_NATIVE", true}, {"GGML_AVX2", true}}), std::set<std::string>{"-march=native"})
        << "ggml then ignores every other option";
}

TEST(CompilerFlags, MarchesBringOptionsThatExist) {
    EXPECT_EQ(options_of_march("ivybridge"), (Words{"GGML_SSE42", "GGML_AVX", "GGML_F16C"}));
    EXPECT_EQ(options_of_march("x86-64"), Words{});
    EXPECT_EQ(options_of_march("znver99"), std::nullopt);
    for (const char* name : {"x86-64-v4", "znver4", "znver5", "sapphirerapids", "alderlake", "haswell"}) {
        const Words brings = options_of_march(name).value_or(Words{});
        EXPECT_FALSE(brings.empty()) << name;
        for (const std::string& option : brings) {
            EXPECT_NE(plan::find_option(option), nullptr) << option;
        }
    }
    // ggml's variants of these names have the same options (zen4 is GCC's znver4).
    for (const auto& [march, variant] : {std::pair{"haswell", "haswell"},
                                         {"znver4", "zen4"},
                                         {"cascadelake", "cascadelake"},
                                         {"icelake-server", "icelake"},
                                         {"cooperlake", "cooperlake"}}) {
        for (const plan::CpuVariant& row : plan::x86_variants()) {
            if (row.name != variant) continue;
            std::set<std::string> wanted;
            for (const std::string_view option : plan::words(row.options)) wanted.insert("GGML_" + std::string(option));
            const Words brings = options_of_march(march).value_or(Words{});
            EXPECT_EQ(std::set<std::string>(brings.begin(), brings.end()), wanted) << march;
        }
    }
}

TEST(CompilerFlags, WordsThatChooseInstructions) {
    EXPECT_EQ(instruction_words("-O3 -march=znver4 -fno-math-errno -mavx2"), (Words{"-march=znver4", "-mavx2"}));
    EXPECT_EQ(instruction_words("-Xcompiler=-march=native,-O2"), Words{"-march=native"});
    EXPECT_EQ(instruction_words("-Xcompiler=\"-mavx512f\""), Words{"-mavx512f\""}) << "quoted for another shell";
    EXPECT_EQ(instruction_words("-mno-avx512f"), Words{"-mno-avx512f"}) << "taken away is chosen too";
    EXPECT_TRUE(instruction_words("-O2 -m64 -g -fmax-errors=1 -Wl,-melf_x86_64").empty());
}

TEST(CompilerFlags, SlowLevelsOfOptimization) {
    EXPECT_EQ(slow_word("-g -O0"), "-O0");
    EXPECT_EQ(slow_word("-O0 -O2"), "") << "the last one counts";
    EXPECT_EQ(slow_word("-O3 -Og"), "-Og");
    EXPECT_EQ(slow_word("-Ofast"), "");
    EXPECT_EQ(slow_word(""), "");
}

}  // namespace
}  // namespace lf::check
