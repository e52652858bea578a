// SPDX-License-Identifier: MIT
// What is inside a finished build against the plan, the facts and the targets; the builds are made by hand.
#include <gtest/gtest.h>

#include "audit/builds_for_test.h"
#include "check/layers.h"

namespace lf::check {
namespace {

namespace at = audit::test;
namespace pt = plan::test;

const std::vector<std::string> kOutputs = {"/nix/store/00000000000000000000000000000000-llama-cpp-9680"};

Expectation avx2_build() {
    Expectation expected;
    expected.package = "llama-cpp-cpu";
    expected.flags = {{"GGML_NATIVE", false}, {"GGML_AVX", true}, {"GGML_AVX2", true}, {"GGML_AVX512", false}};
    return expected;
}

Evidence evidence_of(std::vector<audit::FileAudit> files) {
    Evidence evidence;
    Built& built = evidence.builds[kOutputs.front()];
    built.here = true;
    built.audit = at::build(std::move(files));
    return evidence;
}

LayerReport judged(const std::vector<audit::FileAudit>& files, const Expectation& expected = avx2_build(),
                   const facts::FeatureSet& features = pt::kHaswell, const Settings& settings = {}) {
    return binary_layer(expected, settings, kOutputs, pt::machine(features), evidence_of(files));
}

TEST(BinaryLayer, WhatTheStoreDoesNotHaveIsNormal) {
    const LayerReport report = binary_layer(avx2_build(), {}, kOutputs, pt::machine(pt::kHaswell), {});
    EXPECT_EQ(report.layer, Layer::binary);
    EXPECT_EQ(report.verdict, Verdict::cannot_tell);
    EXPECT_EQ(report.why, kNotBuiltHere);
    EXPECT_FALSE(counts(report));
}

TEST(BinaryLayer, AFlagShowsItselfByItsInstructions) {
    const LayerReport good = judged({at::backend("", {}, {"AVX2"})});
    EXPECT_EQ(good.verdict, Verdict::shown) << good.why;
    EXPECT_NE(good.basis.find("1 of 1 files of /nix/store/"), std::string::npos) << good.basis;
    const LayerReport lost = judged({at::backend("", {}, {"AVX"})});
    ASSERT_EQ(lost.differences.size(), 1U);
    EXPECT_EQ(lost.verdict, Verdict::not_shown);
    EXPECT_EQ(lost.differences[0].name, "GGML_AVX2");
    EXPECT_EQ(lost.differences[0].wanted, "instructions of it in libggml-cpu.so");
    EXPECT_EQ(lost.differences[0].got, "none among 48");
    EXPECT_TRUE(counts(lost));
}

TEST(BinaryLayer, OnlyTheCpuLibraryProvesAFlag) {
    audit::FileAudit other = at::file("lib/libssl.so", at::program({{"sha", {"AVX2"}}}, {}));
    EXPECT_EQ(judged({at::backend("", {}, {"AVX"}), other}).verdict, Verdict::not_shown);
    // Where ggml is linked into the programs, all of them may hold it.
    EXPECT_EQ(judged({at::file("bin/llama-cli", at::program({{"kernel", {"AVX2"}}}, {}))}).verdict, Verdict::shown);
}

TEST(BinaryLayer, AUniversalBuildIsJudgedByTheVariantOfTheHost) {
    Expectation expected = avx2_build();
    expected.flags = {{"GGML_CPU_ALL_VARIANTS", true}};
    expected.cpu_variant = "sandybridge";
    const std::vector<audit::FileAudit> files = {at::backend("sandybridge", {}, {"AVX"}), at::backend("x64", {}, {})};
    EXPECT_EQ(judged(files, expected).differences, std::vector<Difference>{});
    expected.cpu_variant = "haswell";
    const LayerReport missing = judged({at::backend("haswell", {}, {"AVX"})}, expected);
    EXPECT_EQ(missing.differences.size(), 4U) << "AVX2, F16C, FMA and BMI2";
}

TEST(BinaryLayer, CodeThatTheHostCannotRunIsNamedWithItsPlace) {
    Expectation expected = avx2_build();
    expected.flags["GGML_AVX512"] = true;
    const LayerReport report = judged({at::backend("", {"AVX512F_512"}, {"AVX2"}, false)}, expected);
    EXPECT_EQ(report.verdict, Verdict::not_shown);
    ASSERT_EQ(report.differences.size(), 1U);
    EXPECT_EQ(report.differences[0].name, "libggml-cpu.so");
    EXPECT_EQ(report.differences[0].wanted, "code that host can run");
    EXPECT_NE(report.differences[0].got.find("0x1048"), std::string::npos) << report.differences[0].got;
    EXPECT_NE(report.differences[0].got.find("avx512f"), std::string::npos) << report.differences[0].got;
    EXPECT_EQ(judged({at::backend("", {"AVX512F_512"}, {"AVX2"})}, expected, pt::kSkylakeX).verdict, Verdict::shown);
    // A library with a score of its own is refused before that.
    const LayerReport refused = judged({at::backend("", {"AVX512F_512"}, {"AVX2"})}, expected);
    ASSERT_EQ(refused.differences.size(), 1U);
    EXPECT_NE(refused.differences[0].got.find("ggml refuses it here"), std::string::npos) << refused.differences[0].got;
}

TEST(BinaryLayer, WhatIsOffInThePlanAndInTheFileIsNoted) {
    const LayerReport report = judged({at::backend("", {}, {"AVX512F_512", "AVX2"})}, avx2_build(), pt::kSkylakeX);
    EXPECT_EQ(report.verdict, Verdict::shown);
    ASSERT_EQ(report.notes.size(), 1U);
    EXPECT_EQ(report.notes[0], "GGML_AVX512 is off in the plan, and libggml-cpu.so has 1 instructions of it");
}

TEST(BinaryLayer, OptionsWithoutCodeOfTheirOwnCannotBeSeen) {
    Expectation expected = avx2_build();
    expected.flags = {{"GGML_AMX_TILE", true}, {"GGML_AMX_BF16", true}, {"GGML_AVX512_VBMI", true}};
    const LayerReport report = judged({at::backend("", {}, {"AVX2"})}, expected, pt::kSapphireRapids);
    EXPECT_EQ(report.verdict, Verdict::shown) << "no contradiction";
    EXPECT_EQ(report.notes.size(), 3U);
    expected.flags = {{"GGML_AMX_TILE", true}, {"GGML_AMX_INT8", true}};
    EXPECT_EQ(judged({at::backend("", {}, {"AVX2"})}, expected, pt::kSapphireRapids).differences.size(), 2U);
}

audit::FileAudit cuda_library(const std::vector<gpucode::Target>& targets) {
    audit::FileAudit out = at::file("lib/libggml-cuda.so", at::program({}, {}));
    out.ggml_variant = "cuda";
    out.gpu.targets = targets;
    out.gpu.containers = 1;
    return out;
}

TEST(BinaryLayer, EveryPlannedTargetIsReallyInside) {
    const std::vector<audit::FileAudit> files = {
        at::backend("", {}, {"AVX2"}), cuda_library({{gpucode::Kind::cuda_machine, "sm_86", 1, 10, 10, ""},
                                                     {gpucode::Kind::cuda_ptx, "compute_75", 1, 10, 10, ""}})};
    const auto with = [&](const char* setting, const char* value) {
        Settings settings;
        settings.by_name[setting] = {value, 1, 0};
        return judged(files, avx2_build(), pt::kHaswell, settings).differences;
    };
    EXPECT_EQ(with("CMAKE_CUDA_ARCHITECTURES", "86-real;75-virtual"), std::vector<Difference>{});
    EXPECT_EQ(with("CMAKE_CUDA_ARCHITECTURES", "native"), std::vector<Difference>{});
    EXPECT_EQ(with("CMAKE_CUDA_ARCHITECTURES", "86;120-real"),
              (std::vector<Difference>{{"CMAKE_CUDA_ARCHITECTURES", "compute_86", "compute_75, sm_86", ""},
                                       {"CMAKE_CUDA_ARCHITECTURES", "sm_120a", "compute_75, sm_86", ""}}));
    EXPECT_EQ(with("CMAKE_HIP_ARCHITECTURES", "gfx1100"),
              (std::vector<Difference>{{"CMAKE_HIP_ARCHITECTURES", "gfx1100", "no code for GPUs of this maker", ""}}));
}

LayerReport with_cards(std::vector<facts::Gpu> gpus, const Expectation& expected,
                       const std::vector<gpucode::Target>& targets) {
    return binary_layer(expected, {}, kOutputs, pt::machine(pt::kHaswell, std::move(gpus)),
                        evidence_of({at::backend("", {}, {"AVX2"}), cuda_library(targets)}));
}

TEST(BinaryLayer, OnlyCardsThatThePlanServesWithThePackageAreAskedFor) {
    const std::vector<gpucode::Target> ampere = {{gpucode::Kind::cuda_machine, "sm_86", 1, 10, 10, ""}};
    const facts::Gpu bmc = pt::intel("Xeon E3-1200 v3/4th Gen Core Processor Integrated Graphics Controller", true);
    // A build for the CPU owes nothing to any card.
    LayerReport report = with_cards({bmc, pt::nvidia("8.6"), pt::amd("gfx1103", true)}, avx2_build(), {});
    EXPECT_EQ(report.verdict, Verdict::shown) << report.why;
    EXPECT_EQ(report.differences, std::vector<Difference>{});
    EXPECT_EQ(with_cards({pt::nvidia("7.0"), pt::nvidia(std::nullopt)}, avx2_build(), ampere).verdict, Verdict::shown);
    Expectation cuda = avx2_build();
    cuda.backends = {"cuda"};
    // The iGPU beside the card is Vulkan's.
    report = with_cards({pt::nvidia("8.6"), pt::amd("gfx1103", true), bmc}, cuda, ampere);
    EXPECT_EQ(report.verdict, Verdict::shown) << report.why;
    report = with_cards({pt::nvidia("8.6"), pt::nvidia("9.0")}, cuda, ampere);
    EXPECT_EQ(report.verdict, Verdict::not_shown);
    ASSERT_EQ(report.differences.size(), 1U);
    EXPECT_NE(report.differences[0].name.find("(9.0)"), std::string::npos) << report.differences[0].name;
    EXPECT_EQ(report.differences[0].got,
              "not covered: it needs code for compute capability 9.0, the build has sm_86; llama-fleet plan says what "
              "to build");
}

TEST(BinaryLayer, ACardThatIsNotKnownIsNoDifference) {
    Expectation rocm = avx2_build();
    rocm.backends = {"rocm"};
    const LayerReport report =
        with_cards({pt::amd(std::nullopt, false)}, rocm, {{gpucode::Kind::hip_machine, "gfx1100", 1, 10, 10, ""}});
    EXPECT_EQ(report.differences, std::vector<Difference>{});
    EXPECT_NE(report.verdict, Verdict::not_shown);
}

TEST(BinaryLayer, WithoutFactsFlagsAreJudgedAllTheSame) {
    const auto without = [](std::string_view set) {
        return binary_layer(avx2_build(), {}, kOutputs, std::nullopt, evidence_of({at::backend("", {}, {set})}));
    };
    EXPECT_EQ(without("AVX").verdict, Verdict::not_shown);
    EXPECT_EQ(without("AVX2").verdict, Verdict::cannot_tell);
    EXPECT_FALSE(counts(without("AVX2")));
    EXPECT_EQ(judged({at::backend("", {}, {"AVX2"})}, avx2_build(), {}).why,
              "the facts of this host name no feature of its CPU");
}

TEST(BinaryLayer, WhatIsNotExaminedIsSaidByItsName) {
    audit::FileAudit arm;
    arm.path = "lib/libggml-cpu.so";
    arm.why_not = "aarch64 code is not examined by this version";
    const LayerReport report = judged({arm});
    EXPECT_EQ(report.verdict, Verdict::cannot_tell);
    EXPECT_EQ(report.why, arm.why_not);
    EXPECT_FALSE(counts(report));
}

TEST(Built, IsLlamaCppsOwnByItsName) {
    const std::string hash(32, 'a');
    for (const char* name : {"llama-cpp-9680", "ggml-0.9.5", "llama.cpp-cuda-wrapped", "my-llama-cpp"})
        EXPECT_TRUE(is_llama_path("/nix/store/" + hash + "-" + name)) << name;
    for (const char* name : {"glibc-2.42", "cuda_cudart-12.9", "llam", "gcc-15.2.0-lib"})
        EXPECT_FALSE(is_llama_path("/nix/store/" + hash + "-" + name)) << name;
    EXPECT_FALSE(is_llama_path("/nix/store/llama")) << "a hash is no name";
}

}  // namespace
}  // namespace lf::check
