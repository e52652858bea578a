// SPDX-License-Identifier: MIT
#include "plan/rules_cpu.h"

#include <gtest/gtest.h>

#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

const std::vector<std::string> kAllX86 = {"GGML_SSE42",       "GGML_AVX",         "GGML_F16C",        "GGML_FMA",
                                          "GGML_BMI2",        "GGML_AVX2",        "GGML_AVX_VNNI",    "GGML_AVX512",
                                          "GGML_AVX512_VBMI", "GGML_AVX512_VNNI", "GGML_AVX512_BF16", "GGML_AMX_TILE",
                                          "GGML_AMX_INT8",    "GGML_AMX_BF16"};

TEST(RulesCpu, AllOptionsAreAlwaysWritten) {
    for (const auto& features : {facts::FeatureSet{}, kHaswell, kZen4, kSapphireRapids}) {
        const Plan plan = plan_of(machine(features));
        EXPECT_EQ(plan.build.cpu_flags.size(), kAllX86.size() + 1);
        for (const std::string& name : kAllX86) EXPECT_TRUE(plan.build.cpu_flags.contains(name)) << name;
        EXPECT_FALSE(on(plan, "GGML_NATIVE"));
    }
}

TEST(RulesCpu, EachBitGivesItsOption) {
    const Plan plan = plan_of(machine(kSapphireRapids));
    for (const std::string& name : kAllX86) EXPECT_TRUE(on(plan, name)) << name;
    const Plan haswell = plan_of(machine(kHaswell));
    EXPECT_TRUE(on(haswell, "GGML_AVX2"));
    EXPECT_FALSE(on(haswell, "GGML_AVX512"));
    EXPECT_EQ(haswell.build.cpu_variant, "haswell");
}

TEST(RulesCpu, Avx512NeedsAllFiveParts) {
    for (const char* part : {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"}) {
        facts::FeatureSet features = kZen4;
        features.erase(part);
        const Plan plan = plan_of(machine(features));
        for (const char* name : {"GGML_AVX512", "GGML_AVX512_VBMI", "GGML_AVX512_VNNI", "GGML_AVX512_BF16"})
            EXPECT_FALSE(on(plan, name)) << part << " " << name;
        EXPECT_EQ(plan.build.cpu_variant, "haswell");
        const Because line = line_of(plan, "GGML_AVX512");
        EXPECT_EQ(line.rule, "avx512-needs-all-five");
        EXPECT_TRUE(mentions(line.facts, std::string("cpu.features lacks ") + part));
        EXPECT_TRUE(mentions(line_of(plan, "GGML_AVX512_VNNI").facts, "GGML_AVX512 is off, and this builds on it"));
    }
}

TEST(RulesCpu, AnOptionIsOffWithoutWhatItBuildsOn) {
    facts::FeatureSet features = kSapphireRapids;
    features.erase("amx_tile");
    EXPECT_FALSE(on(plan_of(machine(features)), "GGML_AMX_INT8"));
    features = kSapphireRapids;
    features.erase("popcnt");  // -msse4.2 emits it, and everything else builds on SSE4.2
    const Plan plan = plan_of(machine(features));
    for (const char* name : {"GGML_SSE42", "GGML_AVX", "GGML_AVX2", "GGML_AVX512"})
        EXPECT_FALSE(on(plan, name)) << name;
    EXPECT_EQ(plan.build.cpu_variant, "x64");
}

TEST(RulesCpu, FeaturesOfSomeCpusAreReportedAndNotUsed) {
    facts::Machine hybrid = machine(kHaswell);
    hybrid.cpu.features_some = {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"};
    const Plan plan = plan_of(hybrid);
    EXPECT_FALSE(on(plan, "GGML_AVX512"));
    EXPECT_TRUE(mentions(plan.notes, "only some CPUs of this host have avx512f, avx512cd, avx512vl"));
    EXPECT_TRUE(mentions(line_of(plan, "GGML_AVX512").facts, "only some CPUs have avx512f"));
}

TEST(RulesCpu, EveryFlagSaysWhatItSaw) {
    const Because line = line_of(plan_of(machine(kZen4)), "GGML_AVX512");
    EXPECT_EQ(line.value, "on");
    EXPECT_EQ(line.facts, std::vector<std::string>{"cpu.features has avx512f, avx512cd, avx512vl, avx512dq, avx512bw"});
    EXPECT_FALSE(line.losers.empty());
    const Because off = line_of(plan_of(machine(kHaswell)), "GGML_AVX512_BF16");
    EXPECT_EQ(off.value, "off");
    EXPECT_TRUE(mentions(off.facts, "cpu.features lacks avx512_bf16"));
}

TEST(RulesCpu, VariantsThatNeedMoreAreTheLosers) {
    const Because line = line_of(plan_of(machine(kZen4)), "cpu.variant");
    EXPECT_EQ(line.value, "zen4");
    EXPECT_EQ(line.losers, std::vector<std::string>{"sapphirerapids: needs GGML_AMX_TILE, GGML_AMX_INT8"});
}

facts::Machine arm(facts::FeatureSet features) {
    facts::Machine out = machine(std::move(features));
    out.system = "aarch64-linux";
    out.cpu.architecture = "aarch64";
    return out;
}
const facts::FeatureSet kArmBaseSet = {"fp", "asimd", "crc32", "atomics", "asimdrdm"};

TEST(RulesCpu, ArmGetsAMarchStringOfWhatIsProven) {
    const auto march = [](const facts::FeatureSet& features) -> std::string {
        const Plan plan = plan_of(arm(features));
        const auto found = plan.build.cpu_flags.find("GGML_CPU_ARM_ARCH");
        EXPECT_EQ(plan.build.cpu_flags.size(), found == plan.build.cpu_flags.end() ? 1U : 2U);  // and GGML_NATIVE
        return found == plan.build.cpu_flags.end() ? "" : std::get<std::string>(found->second);
    };
    EXPECT_EQ(march({"fp", "asimd", "crc32"}), "");  // Cortex-A72
    EXPECT_EQ(march(with(kArmBaseSet, {"asimddp", "fphp", "asimdhp"})), "armv8.2-a+dotprod+fp16");
    EXPECT_EQ(march(with(kArmBaseSet, {"asimddp", "fphp", "asimdhp", "i8mm"})), "armv8.2-a+dotprod+fp16+i8mm");
    EXPECT_EQ(march(with(kArmBaseSet, {"asimddp", "asimdhp", "sve"})), "armv8.2-a+dotprod");  // sve brings fp16 along
    EXPECT_EQ(plan_of(arm(with(kArmBaseSet, {"asimddp"}))).build.cpu_variant, "armv8.2_1");
}

TEST(RulesCpu, OtherArchitecturesGetTheSafeThing) {
    facts::Machine riscv = machine({});
    riscv.system = "riscv64-linux";
    riscv.cpu.architecture = "riscv64";
    const Plan plan = plan_of(riscv);
    EXPECT_FALSE(on(plan, "GGML_RVV"));  // on by default in ggml, whatever the CPU is
    EXPECT_EQ(plan.build.cpu_variant, std::nullopt);
    riscv.cpu.architecture = "sparc64\x1b[2J";
    const Plan unknown = plan_of(riscv);
    EXPECT_EQ(unknown.build.cpu_flags.size(), 1U);
    EXPECT_TRUE(mentions(unknown.notes, "no rule knows the architecture sparc64\\x1b"));
}

TEST(RulesCpu, AVirtualMachineIsWarnedOfMoving) {
    facts::Machine guest = machine(kZen4);
    guest.cpu.hypervisor = "KVMKVMKVM";
    EXPECT_TRUE(mentions(plan_of(guest).notes, "a virtual machine (KVMKVMKVM)"));
}

}  // namespace
}  // namespace lf::plan
