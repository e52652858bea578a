// SPDX-License-Identifier: MIT
#include "facts/gcc_march.h"

#include <gtest/gtest.h>

#include "facts/gcc_names.h"
#include "facts/x86_features.h"

namespace lf::facts {
namespace {

Cpu x86(const char* vendor, int family, int model, FeatureSet features) {
    Cpu cpu;
    cpu.architecture = "x86_64";
    cpu.vendor = vendor;
    cpu.family = family;
    cpu.model = model;
    cpu.features = std::move(features);
    return cpu;
}

Cpu zen4() {
    Cpu cpu = x86("AuthenticAMD", 0x19, 0x61, gcc_name_features("znver4"));
    cpu.features.insert({"clzero", "clwb", "xsaveopt"});
    return cpu;
}

TEST(GccMarch, NeedsAnX86CpuWhoseVendorIsKnown) {
    EXPECT_EQ(gcc_march(zen4()), "znver4");
    Cpu cpu = zen4();
    cpu.vendor.reset();
    EXPECT_EQ(gcc_march(cpu), std::nullopt);
    cpu = zen4();
    cpu.architecture = "aarch64";
    EXPECT_EQ(gcc_march(cpu), std::nullopt);
    cpu = zen4();
    cpu.model.reset();
    EXPECT_EQ(gcc_march(cpu), std::nullopt);
    EXPECT_EQ(gcc_march(zen4(), kNewestGcc + 1), std::nullopt);
    EXPECT_EQ(gcc_march(zen4(), kOldestGcc - 1), std::nullopt);
}

TEST(GccMarch, OldCompilersKnowLess) {
    EXPECT_EQ(gcc_march(zen4(), 12), "znver3");
    EXPECT_EQ(gcc_march(zen4(), 13), "znver4");
    const Cpu lunar_lake = x86("GenuineIntel", 6, 0xbd, gcc_name_features("arrowlake-s"));
    EXPECT_EQ(gcc_march(lunar_lake, 16), "arrowlake-s");
    EXPECT_EQ(gcc_march(lunar_lake, 14), "arrowlake-s");
    EXPECT_EQ(gcc_march(lunar_lake, 13), "sierraforest");  // which has all that GCC 13 asks about
    const Cpu phi = x86("GenuineIntel", 6, 0x57, gcc_name_features("knl"));
    EXPECT_EQ(gcc_march(phi, 14), "knl");
    EXPECT_EQ(gcc_march(phi, 15), std::nullopt);
}

TEST(GccMarch, DeltaIsWhatTheNameGetsWrong) {
    EXPECT_TRUE(gcc_march_delta(zen4(), "znver4").empty());
    Cpu cpu = zen4();
    cpu.features.erase("avx512_bf16");
    EXPECT_EQ(gcc_march_delta(cpu, "znver4"), std::vector<std::string>{"-mno-avx512bf16"});
    EXPECT_EQ(gcc_march_delta(cpu, "znver3").front(), "-mavx512f");
}

TEST(GccMarch, LevelsNeedEveryFeature) {
    for (int level = 2; level <= 4; ++level) {
        const FeatureSet all = gcc_name_features("x86-64-v" + std::to_string(level));
        EXPECT_EQ(x86_64_level(x86("AnyoneAtAll!", 6, 1, all)), level);
        for (const std::string& feature : all) {
            FeatureSet less = all;
            less.erase(feature);
            less.insert("sse2");
            EXPECT_LT(x86_64_level(x86("AnyoneAtAll!", 6, 1, less)), level) << feature;
        }
    }
    EXPECT_EQ(x86_64_level(Cpu{}), std::nullopt);
}

TEST(Gccarch, IsTheNameOrItsNearestAncestorThatNixKnows) {
    EXPECT_EQ(gccarch(zen4()), "znver4");
    Cpu cpu = zen4();
    cpu.features.erase("vaes");  // a virtual machine hides one thing: the level is still nearer than zen 2
    EXPECT_EQ(gccarch(cpu), "x86-64-v4");
    cpu.features.erase("avx512f");
    EXPECT_EQ(gcc_march(cpu), "znver2");
    EXPECT_EQ(gccarch(cpu), "znver2");
    EXPECT_EQ(gccarch(x86("GenuineIntel", 6, 0xad, gcc_name_features("graniterapids"))), "sapphirerapids");
    EXPECT_EQ(gccarch(x86("GenuineIntel", 6, 0xc6, gcc_name_features("arrowlake-s"))), "alderlake");
    EXPECT_EQ(gccarch(x86("GenuineIntel", 6, 0x0f, gcc_name_features("core2"))), "x86-64");
    // Zen 1 under a hypervisor that hides CLZERO: GCC says bdver4, whose XOP it has not.
    EXPECT_EQ(gccarch(x86("AuthenticAMD", 0x17, 1, gcc_name_features("znver1"))), "x86-64-v3");
    EXPECT_EQ(gccarch(Cpu{}), std::nullopt);
}

TEST(GccMarch, OfCpusWithoutTheLongMode) {
    const auto march = [](const char* vendor, int family, int model, FeatureSet features) {
        Cpu cpu = x86(vendor, family, model, std::move(features));
        cpu.architecture = "i686";
        return gcc_march(cpu);
    };
    const FeatureSet mmx = {"fpu", "cx8", "cmov", "mmx"};
    FeatureSet sse = mmx;
    sse.insert("sse");
    FeatureSet sse2 = sse;
    sse2.insert("sse2");
    FeatureSet sse3 = sse2;
    sse3.insert("pni");
    EXPECT_EQ(march("GenuineIntel", 5, 4, {"fpu", "cx8", "mmx"}), "pentium-mmx");
    EXPECT_EQ(march("GenuineIntel", 6, 1, {"fpu", "cx8", "cmov"}), "pentiumpro");
    EXPECT_EQ(march("GenuineIntel", 6, 5, mmx), "pentium2");
    EXPECT_EQ(march("GenuineIntel", 6, 8, sse), "pentium3");
    EXPECT_EQ(march("GenuineIntel", 6, 13, sse2), "pentium-m");
    EXPECT_EQ(march("GenuineIntel", 6, 14, sse3), "pentium-m");  // Core Duo
    EXPECT_EQ(march("GenuineIntel", 15, 2, sse2), "pentium4");
    EXPECT_EQ(march("GenuineIntel", 15, 3, sse3), "prescott");
    EXPECT_EQ(march("AuthenticAMD", 5, 8, {"fpu", "cx8", "mmx", "3dnow"}), "k6-3");
    EXPECT_EQ(march("AuthenticAMD", 6, 4, {"fpu", "cx8", "cmov", "mmx", "3dnow", "3dnowext"}), "athlon");
    EXPECT_EQ(march("AuthenticAMD", 6, 10, {"fpu", "cx8", "cmov", "mmx", "3dnow", "3dnowext", "sse"}), "athlon-4");
    EXPECT_EQ(march("AuthenticAMD", 15, 44, sse3), "k8-sse3");  // a Sempron of socket 754
    EXPECT_EQ(march("CentaurHauls", 6, 9, sse), std::nullopt);
    EXPECT_EQ(march("GenuineTMx86", 6, 4, mmx), "pentiumpro");
    // A 64-bit CPU under a 32-bit system.
    EXPECT_EQ(march("GenuineIntel", 6, 0x3c, gcc_name_features("haswell")), "haswell");
}

TEST(Gccarch, OfArmIsTheHighestVersionThatIsProven) {
    Cpu cpu;
    cpu.architecture = "aarch64";
    EXPECT_EQ(gccarch(cpu), std::nullopt);
    cpu.features = {"fp", "asimd", "crc32"};
    EXPECT_EQ(gccarch(cpu), "armv8-a");
    cpu.features.insert({"atomics", "asimdrdm", "dcpop"});
    EXPECT_EQ(gccarch(cpu), "armv8.2-a");
    cpu.features.insert({"jscvt", "fcma", "lrcpc", "asimddp", "uscat", "ilrcpc", "flagm", "dit", "sb", "dcpodp",
                         "flagm2", "frint", "i8mm"});
    EXPECT_EQ(gccarch(cpu), "armv8.2-a");  // no pointer authentication: RETAA would be the end
    cpu.features.insert({"paca", "pacg"});
    EXPECT_EQ(gccarch(cpu), "armv8.5-a");
    cpu.features.insert("sve2");
    EXPECT_EQ(gccarch(cpu), "armv9-a");
    cpu.features.insert("bf16");
    EXPECT_EQ(gccarch(cpu), "armv9.1-a");
}

TEST(GccNames, EveryRowHasAParentAboveIt) {
    for (const GccName& row : gcc_names()) {
        if (row.parent.empty()) continue;
        const GccName* parent = find_gcc_name(row.parent);
        ASSERT_NE(parent, nullptr) << row.name;
        EXPECT_LT(parent, &row);  // so that no line of parents is a circle
    }
}

}  // namespace
}  // namespace lf::facts
