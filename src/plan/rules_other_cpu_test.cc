// SPDX-License-Identifier: MIT
#include "plan/rules_other_cpu.h"

#include <gtest/gtest.h>

#include "plan/codec.h"
#include "plan/cpu_variants.h"
#include "plan/fleet.h"
#include "plan/machines_for_test.h"
#include "plan/options.h"

namespace lf::plan {
namespace {

using namespace test;

facts::Machine other(const std::string& architecture, std::string_view features) {
    facts::FeatureSet set;
    for (const std::string_view feature : words(features)) set.emplace(feature);
    facts::Machine out = machine(std::move(set));
    out.cpu.architecture = architecture;
    out.system = architecture == "ppc64le" ? "powerpc64le-linux" : architecture + "-linux";
    return out;
}

std::string text_of(const Plan& plan, const std::string& name) {
    const auto found = plan.build.cpu_flags.find(name);
    return found == plan.build.cpu_flags.end() ? "" : std::get<std::string>(found->second);
}

Override wish(const std::string& name, const FlagValue& value) {
    Override out;
    out.flags[name] = value;
    return out;
}

const std::string kPower = "GGML_CPU_POWERPC_CPUTYPE";
const char* const kPower9 = "arch_2_06 arch_2_07 arch_3_00 altivec";

TEST(RulesOtherCpu, PowerGetsTheVersionThatIsProven) {
    EXPECT_EQ(text_of(plan_of(other("ppc64le", std::string(kPower9) + " arch_3_1")), kPower), "power10");
    EXPECT_EQ(text_of(plan_of(other("ppc64le", kPower9)), kPower), "power9");
    EXPECT_EQ(text_of(plan_of(other("ppc64le", "arch_2_06 arch_2_07 altivec")), kPower), "power8");
    EXPECT_EQ(text_of(plan_of(other("ppc64le", "arch_2_06 arch_2_07 arch_3_00")), kPower), "");  // no vectors
    const Plan unknown = plan_of(other("ppc64le", ""));
    EXPECT_EQ(unknown.build.cpu_flags.size(), 1U);
    EXPECT_EQ(line_of(unknown, kPower).value, "none");
    EXPECT_TRUE(mentions(line_of(unknown, kPower).losers, "power9: cpu.features lacks arch_3_00"));
    EXPECT_EQ(text_of(plan_of(other("ppc64", kPower9)), kPower), "");  // VSX is not promised there
}

TEST(RulesOtherCpu, Arm32GetsNeonWithVfpv4OrNothing) {
    const char* const pi2 = "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm";
    EXPECT_EQ(text_of(plan_of(other("armv7l", pi2)), "GGML_CPU_ARM_ARCH"), "armv7-a+neon-vfpv4");
    EXPECT_EQ(text_of(plan_of(other("armv8l", pi2)), "GGML_CPU_ARM_ARCH"), "armv7-a+neon-vfpv4");
    const char* const cortex_a9 = "swp half thumb fastmult vfp edsp neon vfpv3 tls vfpd32";
    EXPECT_EQ(text_of(plan_of(other("armv7l", cortex_a9)), "GGML_CPU_ARM_ARCH"), "");
    EXPECT_EQ(text_of(plan_of(other("armv6l", "half thumb fastmult vfp edsp java tls")), "GGML_CPU_ARM_ARCH"), "");
}

TEST(RulesOtherCpu, RiscvFollowsItsExtensions) {
    const Plan spacemit =
        plan_of(other("riscv64", "i m a f d c v zicbop zihintpause zfh zba zbb zvfh zvfbfwma zvfbfmin"));
    for (const char* name : {"GGML_RVV", "GGML_RV_ZFH", "GGML_RV_ZVFH", "GGML_RV_ZICBOP", "GGML_RV_ZBA"})
        EXPECT_TRUE(on(spacemit, name)) << name;
    EXPECT_FALSE(on(spacemit, "GGML_XTHEADVECTOR"));
    EXPECT_FALSE(on(spacemit, "GGML_RV_ZVFBFWMA"));  // proven, but compilers are too old
    EXPECT_TRUE(mentions(line_of(spacemit, "GGML_RV_ZVFBFWMA").losers, "the owner may want it"));
    EXPECT_TRUE(
        on(plan_of(other("riscv64", "v zvfbfwma zvfbfmin"), wish("GGML_RV_ZVFBFWMA", true)), "GGML_RV_ZVFBFWMA"));

    const Plan u74 =
        plan_of(other("riscv64", "i m a f d c zba zbb"));  // VisionFive 2: all of ggml's defaults would kill it
    for (const char* name : {"GGML_RVV", "GGML_RV_ZFH", "GGML_RV_ZVFH", "GGML_RV_ZICBOP", "GGML_RV_ZIHINTPAUSE"})
        EXPECT_FALSE(on(u74, name)) << name;
    EXPECT_TRUE(on(plan_of(other("riscv64", "i m a f d c xtheadvector")), "GGML_XTHEADVECTOR"));
    const Plan both = plan_of(other("riscv64", "i m a f d c v xtheadvector"));
    EXPECT_FALSE(on(both, "GGML_XTHEADVECTOR"));
    EXPECT_TRUE(mentions(line_of(both, "GGML_XTHEADVECTOR").facts, "GGML_RVV is on, and a compiler takes one"));
}

TEST(RulesOtherCpu, ZHasNoVectorsUntilTheOwnerWantsThem) {
    const char* const z16 =
        "esan3 zarch stfle msa ldisp eimm dfp edat etf3eh highgprs te vx vxd vxe gs vxe2 vxp sort dflt nnpa sie";
    const Plan plan = plan_of(other("s390x", z16));
    EXPECT_FALSE(on(plan, "GGML_VXE"));
    EXPECT_NE(line_of(plan, "GGML_VXE").reason.find("no -march"), std::string::npos);
    EXPECT_TRUE(on(plan_of(other("s390x", z16), wish("GGML_VXE", true)), "GGML_VXE"));
    EXPECT_NE(
        refusal(other("s390x", "esan3 zarch stfle vx vxd vxe"), wish("GGML_VXE", true)).message.find("lacks vxe2"),
        std::string::npos);
}

TEST(RulesOtherCpu, LoongArchFollowsItsBits) {
    const Plan old = plan_of(other("loongarch64", "cpucfg lam ual fpu lsx"));
    EXPECT_TRUE(on(old, "GGML_LSX"));
    EXPECT_FALSE(on(old, "GGML_LASX"));
    EXPECT_TRUE(on(plan_of(other("loongarch64", "cpucfg lam ual fpu lsx lasx")), "GGML_LASX"));
    EXPECT_FALSE(on(plan_of(other("loongarch64", "cpucfg lam fpu lasx")), "GGML_LASX"));  // builds on LSX
}

TEST(RulesOtherCpu, TheOwnerGetsWhatIsProvenOnly) {
    const facts::Machine power9 = other("ppc64le", kPower9);
    EXPECT_EQ(text_of(plan_of(power9, wish(kPower, std::string("power8"))), kPower), "power8");
    EXPECT_EQ(text_of(plan_of(power9, wish(kPower, std::string())), kPower), "");
    for (const char* name : {"power10", "power4", "native"})
        EXPECT_EQ(refusal(power9, wish(kPower, std::string(name))).id, "plan-override") << name;
    const Plan elsewhere = plan_of(machine(kZen4), wish(kPower, std::string("power9")));
    EXPECT_TRUE(mentions(elsewhere.notes, kPower + " is left out"));
}

TEST(RulesOtherCpu, PlansSurviveWritingAndKnowWhereTheyRun) {
    for (const CpuNameOption& option : cpu_name_options()) {
        EXPECT_NE(find_option(option.name), nullptr) << option.name;
        for (const std::string_view architecture : words(option.architectures))
            for (const CpuName& row : option.values) {
                const facts::Machine host = other(std::string(architecture), row.features);
                const Plan plan = plan_of(host);
                EXPECT_EQ(text_of(plan, std::string(option.name)), row.value);
                const auto back = from_json(to_json(plan), "plan.json");
                ASSERT_TRUE(back);
                EXPECT_EQ(*back, plan);
                EXPECT_TRUE(runs_on(plan.build, plan.system, host));
                facts::Machine less = host;
                less.cpu.features.erase(less.cpu.features.begin());
                EXPECT_FALSE(runs_on(plan.build, plan.system, less)) << row.value;
            }
    }
}

}  // namespace
}  // namespace lf::plan
