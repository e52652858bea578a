// SPDX-License-Identifier: MIT
#include "plan/cpu_variants.h"

#include <gtest/gtest.h>

#include <map>

#include "plan/cpu_options.h"
#include "plan/options.h"

namespace lf::plan {
namespace {

// What ggml 0.21.0's ggml_backend_score adds for an option, on top of 1.
const std::map<std::string_view, int> kX86Weights = {{"FMA", 1},           {"F16C", 2},           {"SSE42", 4},
                                                     {"BMI2", 8},          {"AVX", 16},           {"AVX2", 32},
                                                     {"AVX_VNNI", 64},     {"AVX512", 128},       {"AVX512_VBMI", 256},
                                                     {"AVX512_BF16", 512}, {"AVX512_VNNI", 1024}, {"AMX_INT8", 2048},
                                                     {"AMX_TILE", 0}};
const std::map<std::string_view, int> kArmWeights = {{"dotprod", 2}, {"fp16", 4},  {"sve", 8},
                                                     {"i8mm", 16},   {"sve2", 32}, {"sme", 64}};

int score(const CpuVariant& variant, const std::map<std::string_view, int>& weights) {
    int sum = 1;
    for (const auto option : words(variant.options)) sum += weights.at(option);
    return sum;
}

TEST(CpuVariants, ScoresAreGgmls) {
    for (const CpuVariant& variant : x86_variants())
        EXPECT_EQ(score(variant, kX86Weights), variant.score) << variant.name;
    for (const CpuVariant& variant : arm_variants())
        EXPECT_EQ(score(variant, kArmWeights), variant.score) << variant.name;
    EXPECT_EQ(x86_variants().size(), 14U);
    EXPECT_EQ(x86_variants().back().score, 4032);
}

TEST(CpuVariants, AreSortedByScore) {
    for (std::size_t i = 1; i < x86_variants().size(); ++i)
        EXPECT_LT(x86_variants()[i - 1].score, x86_variants()[i].score);
    for (std::size_t i = 1; i < arm_variants().size(); ++i)
        EXPECT_LT(arm_variants()[i - 1].score, arm_variants()[i].score);
}

TEST(CpuVariants, EveryVariantIsTheBestForItsOwnOptions) {
    for (const CpuVariant& variant : x86_variants()) {
        Flags flags;
        for (const auto option : words(variant.options)) flags["GGML_" + std::string(option)] = true;
        EXPECT_EQ(best_x86_variant(flags).name, variant.name);
        for (const auto& [name, value] : flags) EXPECT_NE(find_option(name), nullptr) << name;
    }
    EXPECT_EQ(best_arm_variant("").name, "armv8.0_1");
    EXPECT_EQ(best_arm_variant("armv8.2-a+dotprod+fp16+i8mm").name, "armv8.2_2");  // no variant has i8mm without SVE
    EXPECT_EQ(best_arm_variant("armv8.2-a+dotprod+fp16+i8mm+sve+sve2").name, "armv8.6_2");
}

TEST(CpuVariants, AnOptionThatIsOffDoesNotCount) {
    Flags flags;
    for (const auto option : words("SSE42 AVX F16C FMA BMI2 AVX2")) flags["GGML_" + std::string(option)] = true;
    flags["GGML_FMA"] = false;
    EXPECT_EQ(best_x86_variant(flags).name, "ivybridge");
}

TEST(CpuOptions, BuildOnEarlierRowsAndAreOptionsOfGgml) {
    for (const CpuArchitecture& architecture : cpu_architectures()) {
        std::vector<std::string_view> seen;
        for (const CpuOption& option : architecture.options) {
            const Option* known = find_option(option.name);
            ASSERT_NE(known, nullptr) << option.name;
            EXPECT_EQ(known->state, OptionState::current) << option.name;
            EXPECT_FALSE(option.features.empty()) << option.name;
            for (const auto needed : words(option.builds_on))
                EXPECT_NE(std::find(seen.begin(), seen.end(), needed), seen.end()) << option.name << " on " << needed;
            seen.push_back(option.name);
        }
    }
}

}  // namespace
}  // namespace lf::plan
