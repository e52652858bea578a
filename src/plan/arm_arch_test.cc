// SPDX-License-Identifier: MIT
// Real machines by the Features line of their /proc/cpuinfo: the string that ggml gets, and the variant that is
// nearest.
#include "plan/arm_arch.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "plan/cpu_variants.h"
#include "plan/machines_for_test.h"
#include "plan/options.h"

namespace lf::plan {
namespace {

using namespace test;

struct ArmMachine {
    const char* name;
    const char* features;  ///< the line of /proc/cpuinfo, from Linux of the machine's time
    const char* march;     ///< "" = armv8-a, which is not written
    const char* variant;
    const char* beyond = "";  ///< what the plan has and no variant of ggml for Linux
};

#define LF_V80 "fp asimd evtstrm aes pmull sha1 sha2 crc32"
#define LF_N1 LF_V80 " atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs"
#define LF_V84 LF_V80 " atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3"
#define LF_M1 LF_V84 " asimddp sha512 asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg dcpodp flagm2 frint"
#define LF_ORYON                                                                                               \
    LF_V84                                                                                                     \
    " sm3 sm4 asimddp sha512 asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg dcpodp flagm2 frint i8mm bf16 " \
    "bti"
#define LF_SVE2                                                                                             \
    LF_V84                                                                                                  \
    " sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm sb paca pacg dcpodp sve2 sveaes svepmull " \
    "svebitperm svesha3 svesm4 flagm2 frint svei8mm svebf16 i8mm bf16 dgh bti"
const char* const kV86 = "armv8.6-a+dotprod+fp16+i8mm";
const char* const kV9 = "armv9-a+dotprod+fp16+i8mm+sve+sve2";

const ArmMachine kMachines[] = {
    {"Raspberry Pi 3 (Cortex-A53)", "fp asimd evtstrm crc32 cpuid", "", "armv8.0_1"},
    {"Raspberry Pi 4 (Cortex-A72)", "fp asimd evtstrm crc32 cpuid", "", "armv8.0_1"},
    {"Raspberry Pi 5 (Cortex-A76)",
     "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp",
     "armv8.2-a+dotprod+fp16", "armv8.2_2"},
    {"Graviton (Cortex-A72)", LF_V80 " cpuid", "", "armv8.0_1"},
    {"Graviton2 (Neoverse N1)", LF_N1, "armv8.2-a+dotprod+fp16", "armv8.2_2"},
    {"Ampere Altra (Neoverse N1)", LF_N1, "armv8.2-a+dotprod+fp16", "armv8.2_2"},
    {"Graviton3 (Neoverse V1), a virtual machine: no sb, flagm",
     LF_V84 " sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc ssbs paca pacg dcpodp svei8mm svebf16 i8mm bf16 dgh "
            "rng",
     "armv8.2-a+dotprod+fp16+i8mm+sve", "armv8.6_1"},
    {"Graviton4 (Neoverse V2)", LF_SVE2 " rng", kV9, "armv8.6_2"},
    {"Grace (Neoverse V2)", LF_SVE2, kV9, "armv8.6_2"},
    {"Grace under a kernel without pointer authentication",
     LF_V84
     " sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs sb dcpodp sve2 sveaes svepmull svebitperm "
     "svesha3 svesm4 flagm2 frint svei8mm svebf16 i8mm bf16 dgh",
     "armv8.2-a+dotprod+fp16+i8mm+sve+sve2", "armv8.6_2"},
    {"GB10 (Cortex-X925, A725)", LF_SVE2 " ecv afp wfxt", kV9, "armv8.6_2"},
    {"Cobalt 100 (Neoverse N2)", LF_SVE2 " rng mte", kV9, "armv8.6_2"},
    {"Kunpeng 920B (SVE, no SVE2)",
     LF_V84 " sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg dcpodp flagm2 frint svei8mm "
            "svef32mm svef64mm svebf16 i8mm bf16 dgh rng ecv",
     "armv8.6-a+dotprod+fp16+i8mm+sve", "armv8.6_1"},
    {"Kunpeng 920 (TaiShan v110)", LF_V80 " atomics fphp asimdhp cpuid asimdrdm jscvt fcma dcpop asimddp asimdfhm",
     "armv8.2-a+dotprod+fp16", "armv8.2_2"},
    {"AmpereOne",
     LF_V84
     " asimddp sha512 asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg dcpodp flagm2 frint i8mm bf16 rng bti ecv",
     kV86, "armv8.2_2", "i8mm"},
    {"Apple M1 (Asahi)", LF_M1, "armv8.2-a+dotprod+fp16", "armv8.2_2"},
    {"Apple M2 (Asahi)", LF_M1 " i8mm bf16 bti ecv", kV86, "armv8.2_2", "i8mm"},
    {"Apple M3, a virtual machine", LF_M1 " i8mm bf16 bti ecv afp", kV86, "armv8.2_2", "i8mm"},
    {"Apple M4: SME without SVE, which GCC does not make",
     LF_M1 " i8mm bf16 bti ecv afp rpres sme smei16i64 smef64f64 smei8i32 smef16f32 smeb16f32 smef32f32 wfxt sme2",
     kV86, "armv8.2_2", "i8mm"},
    {"Snapdragon X Elite (Oryon)", LF_ORYON " rng ecv afp rpres", kV86, "armv8.2_2", "i8mm"},
    {"Snapdragon 8 Gen 2 (Cortex-X3, SVE hidden)", LF_ORYON, kV86, "armv8.2_2", "i8mm"},
    {"C1-Ultra (SME2)", LF_SVE2 " ecv afp sme smei8i32 smef16f32 smeb16f32 smef32f32 sme2 wfxt",
     "armv9-a+dotprod+fp16+i8mm+sve+sve2+sme", "armv9.2_2"},
    {"A64FX", "fp asimd evtstrm sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm fcma dcpop sve",
     "armv8.2-a+fp16+sve", "armv8.0_1", "fp16, sve"},
    {"ThunderX2", LF_V80 " atomics cpuid asimdrdm", "armv8.2-a", "armv8.0_1"},
    {"ThunderX (8.0 with atomics, no asimdrdm)", LF_V80 " atomics cpuid", "", "armv8.0_1"},
    {"Kryo (Snapdragon 820)", LF_V80 " cpuid", "", "armv8.0_1"},
    {"Jetson Xavier (Carmel)", LF_V80 " atomics fphp asimdhp cpuid asimdrdm dcpop", "armv8.2-a+fp16", "armv8.0_1",
     "fp16"},
    {"Jetson Orin (Cortex-A78AE)",
     LF_V80 " atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp uscat ilrcpc flagm paca pacg",
     "armv8.2-a+dotprod+fp16", "armv8.2_2"},
};
#undef LF_V80
#undef LF_N1
#undef LF_V84
#undef LF_M1
#undef LF_ORYON
#undef LF_SVE2

facts::Machine arm(std::string_view features) {
    facts::FeatureSet set;
    for (const std::string_view feature : words(features)) set.emplace(feature);
    facts::Machine out = machine(std::move(set));
    out.system = "aarch64-linux";
    out.cpu.architecture = "aarch64";
    return out;
}

std::string march_of(const Plan& plan) {
    const auto found = plan.build.cpu_flags.find("GGML_CPU_ARM_ARCH");
    return found == plan.build.cpu_flags.end() ? "" : std::get<std::string>(found->second);
}

TEST(ArmArch, RealMachines) {
    for (const ArmMachine& row : kMachines) {
        const Plan plan = plan_of(arm(row.features));
        EXPECT_EQ(march_of(plan), row.march) << row.name;
        EXPECT_EQ(plan.build.cpu_variant, row.variant) << row.name;
        const auto facts = line_of(plan, "cpu.variant").facts;
        const std::string said =
            std::string("the plan has ") + row.beyond + " besides, and no variant of ggml for Linux";
        EXPECT_EQ(mentions(facts, said), *row.beyond != '\0') << row.name;
        EXPECT_EQ(plan.build.cpu_flags.size(), *row.march == '\0' ? 1U : 2U) << row.name;  // and GGML_NATIVE
    }
}

TEST(ArmArch, AVariantForAnotherSystemIsNamed) {
    const Plan plan = plan_of(arm(kMachines[14].features));
    EXPECT_TRUE(mentions(line_of(plan, "cpu.variant").facts, "elsewhere android_armv8.6_1 is"));
    EXPECT_TRUE(mentions(line_of(plan, "cpu.variant").losers, "armv8.6_1: needs sve"));
    EXPECT_EQ(arm_variant_elsewhere("armv8.6-a+i8mm+dotprod")->name, std::string_view("apple_m2_m3"));
    EXPECT_EQ(arm_variant_elsewhere(""), nullptr);
}

TEST(ArmArch, EveryMissingFeatureTakesAwayWhatNeedsIt) {
    // With all of a Grace but one word, what is planned never needs that word.
    const auto full = march_needs("armv9.1-a+dotprod+fp16+i8mm+sve+sve2+sme");
    ASSERT_TRUE(full);
    for (const std::string_view gone : *full) {
        facts::Cpu cpu;
        cpu.architecture = "aarch64";
        for (const std::string_view feature : *full)
            if (feature != gone) cpu.features.emplace(feature);
        const March march = planned_march(cpu, true);
        const auto needed = march_needs(march.text);
        ASSERT_TRUE(needed) << march.text;
        EXPECT_EQ(std::ranges::count(*needed, gone), 0) << march.text << " without " << gone;
        EXPECT_TRUE(mentions(march.losers, std::string(gone)) || gone == "fp" || gone == "asimd") << gone;
    }
}

TEST(ArmArch, SmeIsForCompilersThatTakeIt) {
    facts::Machine host = arm(kMachines[21].features);
    EXPECT_TRUE(mentions(plan_of(host).notes, "+sme needs GCC 14"));
    host.gpus = {nvidia("9.0")};
    const Plan cuda = plan_of(host);
    EXPECT_EQ(march_of(cuda), kV9);
    EXPECT_TRUE(mentions(line_of(cuda, "GGML_CPU_ARM_ARCH").losers, "+sme: GCC takes it from version 14 on"));
}

TEST(ArmArch, OnlySomeCoresIsSaid) {
    facts::Machine host = arm(kMachines[2].features);
    host.cpu.features_some = {"i8mm"};
    EXPECT_TRUE(mentions(line_of(plan_of(host), "GGML_CPU_ARM_ARCH").losers,
                         "+i8mm: cpu.features lacks i8mm; only some CPUs have i8mm (cpu.features_some)"));
}

TEST(ArmArch, TheOwnerMayWantLessOrAnythingProven) {
    const facts::Machine m2 = arm(kMachines[16].features);
    const auto wish = [](const char* march) {
        Override out;
        out.flags["GGML_CPU_ARM_ARCH"] = std::string(march);
        return out;
    };
    for (const char* march : {"armv8-a", "armv8.2-a+dotprod", "armv8.6-a+bf16+nosve", "armv8.4-a+crypto+sha3"})
        EXPECT_EQ(march_of(plan_of(m2, wish(march))), march);
    for (const char* march :
         {"armv9-a", "armv8.2-a+sve", "armv8.2-a+sme", "armv9.7-a", "armv8.2-a+x", "native", "+i8mm"})
        EXPECT_NE(refusal(m2, wish(march)).message.find("only armv8.6-a+dotprod+fp16+i8mm is proven"),
                  std::string::npos)
            << march;
    // What "no" takes away is not asked for: SVE hidden by a vendor, the rest of Armv9 there.
    EXPECT_EQ(march_needs("armv9-a+nosve"), march_needs("armv8.5-a+fp16"));
}

/// The compiler that judges, if it is there. GCC 12 knows no +sme: 14 is the first.
TEST(ArmArch, TheCompilerTakesEveryString) {
    const std::string compiler = "aarch64-linux-gnu-gcc";
    if (std::system((compiler + " --version >/dev/null 2>&1").c_str()) != 0)
        GTEST_SKIP() << "no " << compiler << " here: no string was tried";
    const auto takes = [&](const std::string& march) {
        return std::system((compiler + " -march=" + march + " -x c -c /dev/null -o /dev/null 2>/dev/null").c_str()) ==
               0;
    };
    ASSERT_FALSE(takes("armv8.2-a+nonsense"));
    const bool sme = takes("armv9-a+sme");
    std::set<std::string> strings;
    for (const ArmMachine& row : kMachines)
        if (*row.march != '\0') strings.insert(row.march);
    for (const std::string& march : strings) EXPECT_EQ(takes(march), sme || !march.ends_with("+sme")) << march;
}

/// What the compiler itself says it may use for a string, by the names of Linux.
TEST(ArmArch, NeedsWhatTheCompilerSwitchesOn) {
    const std::map<std::string, std::string> linux_names = {{"ATOMICS", "atomics"},
                                                            {"CRC32", "crc32"},
                                                            {"QRDMX", "asimdrdm"},
                                                            {"DOTPROD", "asimddp"},
                                                            {"COMPLEX", "fcma"},
                                                            {"JCVT", "jscvt"},
                                                            {"FRINT", "frint"},
                                                            {"FP16_FML", "asimdfhm"},
                                                            {"FP16_SCALAR_ARITHMETIC", "fphp"},
                                                            {"FP16_VECTOR_ARITHMETIC", "asimdhp"},
                                                            {"MATMUL_INT8", "i8mm"},
                                                            {"BF16_VECTOR_ARITHMETIC", "bf16"},
                                                            {"SVE", "sve"},
                                                            {"SVE2", "sve2"},
                                                            {"SME", "sme"},
                                                            {"AES", "aes"},
                                                            {"PAUTH", "paca"},
                                                            {"RCPC", "lrcpc"}};
    int tried = 0;
    for (const ArmBase& base : arm_bases())
        for (const char* more : {"", "+fp16", "+dotprod+i8mm", "+sve", "+sve2", "+nosve", "+sme"}) {
            const std::string march = std::string(base.name) + more;
            const std::string command = "aarch64-linux-gnu-gcc -march=" + march + " -E -dM -x c /dev/null 2>/dev/null";
            std::FILE* pipe = ::popen(command.c_str(), "r");
            ASSERT_NE(pipe, nullptr);
            std::string macros(1 << 18, '\0');
            macros.resize(std::fread(macros.data(), 1, macros.size(), pipe));
            if (::pclose(pipe) != 0) continue;  // this compiler does not take it
            ++tried;
            const auto needed = march_needs(march);
            ASSERT_TRUE(needed) << march;
            for (const auto& [macro, feature] : linux_names)
                if (macros.find("#define __ARM_FEATURE_" + macro + " ") != std::string::npos) {
                    EXPECT_EQ(std::ranges::count(*needed, feature), 1) << march << " uses " << feature;
                }
        }
    if (tried == 0) GTEST_SKIP() << "no aarch64-linux-gnu-gcc here: no string was tried";
    EXPECT_GE(tried, 40);
}

}  // namespace
}  // namespace lf::plan
