// SPDX-License-Identifier: MIT
#include "plan/options.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lf::plan {
namespace {

std::string hint_for(const std::string& name, const FlagValue& value) {
    const auto done = check_flag(name, value);
    EXPECT_FALSE(done.has_value()) << name;
    if (done) return "";
    EXPECT_EQ(done.error().id, "plan-override");
    return done.error().message + " / " + done.error().hint;
}

TEST(Options, AreSortedAndComplete) {
    EXPECT_TRUE(std::ranges::is_sorted(options(), {}, &Option::name));
    EXPECT_EQ(std::ranges::adjacent_find(options(), {}, &Option::name), options().end());
    for (const Option& option : options()) {
        EXPECT_EQ(find_option(option.name), &option);
        EXPECT_EQ(option.state == OptionState::current, option.advice.empty()) << option.name;
    }
}

TEST(Options, WhatTheBuildReadsIsKnown) {
    for (const char* name : {"GGML_LIB_INSTALL_DIR", "LLAMA_BUILD_BORINGSSL", "GGML_OPENCL_USE_ADRENO_BIN_KERNELS"})
        EXPECT_NE(find_option(name), nullptr) << name;
    for (const char* name : {"GGML_CCACHE_VARIANT", "GGML_BUILD_COMMIT", "GGML_OPENMP_ROOT"}) {
        EXPECT_TRUE(is_build_variable(name)) << name;
        EXPECT_EQ(find_option(name), nullptr) << name << ": no option that an owner may set";
    }
    EXPECT_FALSE(is_build_variable("GGML_AVX_512"));
}

TEST(Options, GoodFlagsPass) {
    EXPECT_TRUE(check_flag("GGML_CUDA_FORCE_MMQ", true));
    EXPECT_TRUE(check_flag("GGML_SCHED_MAX_COPIES", std::string("1")));
    EXPECT_TRUE(check_flag("CMAKE_BUILD_TYPE", std::string("RelWithDebInfo")));
    EXPECT_TRUE(check_flag("CMAKE_CXX_FLAGS", std::string("-fno-math-errno")));
    EXPECT_TRUE(check_flag("GGML_CUDA_FA_QUANTS", std::string("q4_0-q4_0;f16-f16")));
}

TEST(Options, ASlipOfTheHandIsNamed) {
    EXPECT_EQ(hint_for("GGML_AVX_512", true), "ggml 0.21.0 has no option GGML_AVX_512 / did you mean GGML_AVX512?");
    EXPECT_EQ(hint_for("GGML_CUDA_FORCE_MQM", true),
              "ggml 0.21.0 has no option GGML_CUDA_FORCE_MQM / did you mean GGML_CUDA_FORCE_MMQ?");
}

TEST(Options, RetiredAndPlannedNamesSayWhatToDo) {
    EXPECT_NE(hint_for("GGML_AVX512F", true).find("instead: GGML_AVX512"), std::string::npos);
    EXPECT_NE(hint_for("LLAMA_CUBLAS", true).find("\"cuda\""), std::string::npos);
    EXPECT_NE(hint_for("GGML_CUDA_ENABLE_UNIFIED_MEMORY", true).find("environment variable"), std::string::npos);
    EXPECT_NE(hint_for("AMDGPU_TARGETS", std::string("gfx1100")).find("CMAKE_HIP_ARCHITECTURES"), std::string::npos);
    EXPECT_NE(hint_for("GGML_NATIVE", true).find("\"native\""), std::string::npos);
    EXPECT_NE(hint_for("GGML_BLAS", true).find("\"blas\""), std::string::npos);
}

TEST(Options, WrongTypesAndValuesThatCannotPassAreRefused) {
    EXPECT_NE(hint_for("GGML_AVX2", std::string("ON")).find("true or false"), std::string::npos);
    EXPECT_NE(hint_for("GGML_SCHED_MAX_COPIES", true).find("a string"), std::string::npos);
    for (const char* value : {"a b", "a\nb", "$(x)", "a\"b", "a'b", "`x`", "\x1b[2J", "ä", "a\\b", "a|b"})
        EXPECT_NE(hint_for("CMAKE_C_FLAGS", std::string(value)).find("cannot pass"), std::string::npos) << value;
    hint_for("CMAKE_C_FLAGS", std::string(600, 'a'));
    for (const char* value : {"-march=znver5", "-O3;-mavx512f", "-mcpu=native"})
        EXPECT_NE(hint_for("CMAKE_C_FLAGS", std::string(value)).find("instruction set"), std::string::npos) << value;
}

TEST(Options, NamesThatAreNoneAreRefused) {
    for (const char* name : {"", "PATH", "ggml_avx", "GGML_AVX;rm", "GGML_\n", "BUILD_SHARED_LIBS"})
        hint_for(name, true);
    hint_for("CMAKE_" + std::string(80, 'A'), true);
}

OptionStanding standing(std::string_view name, std::string_view version) {
    const OptionAt at = find_option(name, version);
    EXPECT_EQ(at.standing == OptionStanding::cannot_tell, !at.why.empty()) << name << " " << version;
    return at.standing;
}

TEST(OptionVersions, FromTheFirstToTheLastThatHasIt) {
    using enum OptionStanding;
    EXPECT_EQ(standing("GGML_AVX2", "0.9.0"), there);
    EXPECT_EQ(standing("GGML_AVX2", "0.21.0"), there);
    EXPECT_EQ(standing("GGML_CUDA_NCCL", "0.9.11"), not_yet) << "0.9.11 is older than 0.10.0";
    EXPECT_EQ(standing("GGML_CUDA_NCCL", "0.10.0"), there);
    EXPECT_EQ(standing("GGML_HIP_ROCWMMA_FATTN", "0.17.0"), there);
    EXPECT_EQ(standing("GGML_HIP_ROCWMMA_FATTN", "0.18.0"), gone);
    EXPECT_EQ(standing("GGML_HIP_ROCWMMA_FATTN", "0.18.1"), gone);
    EXPECT_EQ(standing("GGML_SYCL_SUPPORT_LEVEL_ZERO", "0.11.1"), not_yet);
    EXPECT_EQ(standing("GGML_SYCL_SUPPORT_LEVEL_ZERO", "0.15.1"), there);
    EXPECT_EQ(standing("GGML_SYCL_SUPPORT_LEVEL_ZERO", "0.15.2"), gone);
    EXPECT_EQ(standing("GGML_CUDA_FA_QUANTS", "0.21.0"), not_yet) << "newer than the table, plan lets it pass";
    EXPECT_EQ(standing("GGML_CUDA_F16", "0.12.0"), gone) << "gone before the table starts";
    EXPECT_EQ(standing("GGML_AVX_512", "0.12.0"), never);
    EXPECT_EQ(standing("LLAMA_CURL", "0.21"), gone);
}

TEST(OptionVersions, WhatTheTableDoesNotCoverCannotBeTold) {
    for (const char* version : {"", "9608", "0.8.9", "0.21.1", "1.0", "x", "0.21.0-dirty", "0..1", "0.21.0.1", "0.-1.0",
                                "0x1.0", "99999999999999999999.0"})
        EXPECT_EQ(standing("GGML_AVX2", version), OptionStanding::cannot_tell) << version;
}

TEST(OptionVersions, EveryRowIsInOrder) {
    for (const Option& option : options()) {
        if (!option.since.empty()) {
            EXPECT_EQ(standing(option.name, kOldestGgmlVersion), OptionStanding::not_yet) << option.name;
        }
        if (option.until.empty()) continue;
        EXPECT_EQ(option.state, OptionState::retired) << option.name;
        EXPECT_EQ(standing(option.name, option.until), OptionStanding::gone) << option.name;
        EXPECT_NE(option.since, option.until) << option.name;
    }
}

}  // namespace
}  // namespace lf::plan
