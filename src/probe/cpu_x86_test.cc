// SPDX-License-Identifier: MIT
#include "probe/cpu_x86.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "facts/codec.h"
#include "probe/fake_machine.h"
#include "probe/microarchitecture.h"
#include "probe/probe.h"

namespace lf::probe {
namespace {

using facts::FeatureSet;

/// A CPU that answers every leaf, has XSAVE on, and has no feature but `feature`.
FakeMachine only(const facts::X86Feature& feature, std::uint64_t xcr0) {
    CpuDump dump;
    dump.leaves[{0, 0}].eax = 0x24;
    dump.leaves[{0x80000000, 0}].eax = 0x80000028;
    dump.leaves[{1, 0}].ecx = 1U << 27;  // OSXSAVE
    dump.leaves[{7, 0}].eax = 2;         // subleaves
    Registers& registers = dump.leaves[{feature.leaf, feature.subleaf}];
    std::uint32_t* const all[] = {&registers.eax, &registers.ebx, &registers.ecx, &registers.edx};
    *all[static_cast<std::size_t>(feature.where)] |= std::uint32_t{feature.at_least} << feature.bit;
    dump.xcr0 = xcr0;
    FakeMachine machine;
    machine.dumps[0] = dump;
    return machine;
}

/// Without what only() turns on besides: OSXSAVE, and the earlier versions of a feature that is a version.
FeatureSet found_besides(const FakeMachine& machine, const facts::X86Feature& feature) {
    const bool xsave = ((machine.cpuid(0, 1, 0)->ecx >> 27) & 1) != 0;
    FeatureSet out = feature.system ? shown_features(machine, 0, xsave ? machine.xcr0(0).value_or(0) : 0)
                                    : usable_features(machine, 0);
    if (feature.name != "osxsave") out.erase("osxsave");
    if (feature.name == "avx10_2") out.erase("avx10_1");
    return out;
}

TEST(CpuX86, EveryFeatureIsSeenByItsBitAlone) {
    for (const facts::X86Feature& feature : facts::x86_features())
        EXPECT_EQ(found_besides(only(feature, ~0ULL), feature), FeatureSet{std::string(feature.name)}) << feature.name;
}

TEST(CpuX86, WhatServesOnlySystemsIsNotInFacts) {
    for (const facts::X86Feature& feature : facts::x86_features())
        EXPECT_EQ(usable_features(only(feature, ~0ULL), 0).contains(std::string(feature.name)), !feature.system)
            << feature.name;
}

TEST(CpuX86, EveryFeatureNeedsEachBitOfItsSavedState) {
    for (const facts::X86Feature& feature : facts::x86_features()) {
        const std::uint64_t needed = facts::required_xcr0(feature.state);
        EXPECT_EQ(found_besides(only(feature, needed), feature).size(), 1U) << feature.name;
        for (unsigned bit = 0; bit < 64; ++bit) {
            const bool is_needed = ((needed >> bit) & 1) != 0;
            EXPECT_EQ(found_besides(only(feature, ~(1ULL << bit)), feature).empty(), is_needed) << feature.name << bit;
        }
    }
}

TEST(CpuX86, EveryFeatureWithRegistersNeedsOsxsave) {
    for (const facts::X86Feature& feature : facts::x86_features()) {
        if (feature.name == "osxsave") continue;
        FakeMachine machine = only(feature, ~0ULL);
        machine.dumps[0].leaves[{1, 0}].ecx &= ~(1U << 27);
        EXPECT_EQ(found_besides(machine, feature).size(), feature.state == facts::SavedState::none ? 1U : 0U)
            << feature.name;
        machine = only(feature, 0);
        machine.dumps[0].xcr0.reset();
        EXPECT_EQ(found_besides(machine, feature).size(), feature.state == facts::SavedState::none ? 1U : 0U)
            << feature.name;
    }
}

TEST(CpuX86, LeavesBeyondTheHighestOneSayNothing) {
    for (const facts::X86Feature& feature : facts::x86_features()) {
        FakeMachine machine = only(feature, ~0ULL);
        CpuDump& dump = machine.dumps[0];
        dump.leaves[{feature.leaf & 0x80000000, 0}].eax = feature.leaf - 1;
        EXPECT_FALSE(usable_features(machine, 0).contains(std::string(feature.name))) << feature.name;
        if (feature.subleaf == 0 || feature.leaf != 7) continue;
        machine = only(feature, ~0ULL);
        machine.dumps[0].leaves[{7, 0}].eax = 0;
        EXPECT_TRUE(found_besides(machine, feature).empty()) << feature.name;
    }
}

// A first-generation Core with AVX (family 6, model 42), made up of what its data sheet says it has.
constexpr std::string_view kSandyBridge =
    "0 0 d 756e6547 6c65746e 49656e69\n1 0 206a7 100800 1fbae3ff bfebfbff\n7 0 0 0 0 0\n"
    "80000000 0 80000008 0 0 0\n80000001 0 0 0 1 28100800\n";

TEST(CpuX86, SandyBridge) {
    const FakeMachine machine(std::string(kSandyBridge) + "XCR0 7\n");
    facts::Cpu cpu;
    std::vector<std::string> notes;
    read_cpu_x86(machine, cpu, notes);
    for (const char* name : {"pni", "pclmulqdq", "ssse3", "cx16", "sse4_1", "sse4_2", "popcnt", "aes", "avx", "sse",
                             "sse2", "lahf_lm", "lm", "xsave", "mmx", "fxsr"})
        EXPECT_TRUE(cpu.features.contains(name)) << name;
    for (const char* name : {"fma", "f16c", "movbe", "avx2", "abm", "hypervisor", "3dnow"})
        EXPECT_FALSE(cpu.features.contains(name)) << name;
    EXPECT_EQ(cpu.source, "cpuid");
    EXPECT_EQ(cpu.vendor, "GenuineIntel");
    EXPECT_EQ(cpu.family, 6);
    EXPECT_EQ(cpu.model, 42);
    EXPECT_EQ(cpu.stepping, 7);
    EXPECT_EQ(cpu.model_name, std::nullopt) << "the dump has no brand string";
    EXPECT_EQ(cpu.hypervisor, std::nullopt);
    EXPECT_EQ(microarchitecture(cpu), "sandybridge");
    EXPECT_TRUE(notes.empty());
}

TEST(CpuX86, SandyBridgeUnderASystemThatDoesNotSaveYmm) {
    for (const std::string_view xcr0 : {"XCR0 3\n", "XCR0 none\n", "XCR0 5\n", ""})
        EXPECT_FALSE(usable_features(FakeMachine(std::string(kSandyBridge) + std::string(xcr0)), 0).contains("avx"))
            << xcr0;
}

std::string emerald_rapids(std::string_view xcr0) {
    return fmt::format(
        "0 0 20 756e6547 6c65746e 49656e69\n1 0 c06f2 100800 7ffefbff bfebfbff\n"
        "7 0 2 f3bfbffb 1b415ffe ffd14400\n7 1 1c30 0 0 0\n80000000 0 80000008 0 0 0\n80000001 0 0 0 121 2c100800\n"
        "80000008 0 342e 200 0 0\n{}\n",
        xcr0);
}

TEST(CpuX86, EachStateLosesItsOwnFeatures) {
    const auto features = [](std::string_view xcr0) { return usable_features(FakeMachine(emerald_rapids(xcr0)), 0); };
    const FeatureSet all = features("XCR0 602e7");
    for (const char* name : {"avx2", "avx512f", "avx512_fp16", "amx_int8", "amx_bf16", "avx_vnni", "bmi2"})
        EXPECT_TRUE(all.contains(name)) << name;
    const FeatureSet no_amx = features("XCR0 2e7");
    EXPECT_FALSE(no_amx.contains("amx_tile"));
    EXPECT_TRUE(no_amx.contains("avx512f"));
    const FeatureSet half_amx = features("XCR0 202e7");
    EXPECT_EQ(half_amx, no_amx) << "tile data is not saved";
    const FeatureSet no_zmm = features("XCR0 60007");
    EXPECT_FALSE(no_zmm.contains("avx512f"));
    EXPECT_TRUE(no_zmm.contains("avx2"));
    EXPECT_TRUE(no_zmm.contains("amx_int8"));
    const FeatureSet none = features("XCR0 3");
    for (const std::string& name : none) EXPECT_TRUE(!name.starts_with("avx") && !name.starts_with("amx")) << name;
    EXPECT_FALSE(none.contains("fma"));
    EXPECT_FALSE(none.contains("f16c"));
    EXPECT_FALSE(none.contains("vaes"));
    EXPECT_TRUE(none.contains("bmi2"));
    EXPECT_TRUE(none.contains("gfni"));
}

/// Emerald Rapids under a kernel that answers what it may grant.
class Granting final : public MachineSource {
  public:
    Granting(std::string_view xcr0, std::optional<std::string> text)
        : machine_(emerald_rapids(xcr0)), text_(std::move(text)) {}
    std::string architecture() const override { return "x86_64"; }
    std::vector<int> cpuid_cpus() const override { return {0}; }
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override {
        return machine_.cpuid(cpu, leaf, subleaf);
    }
    std::optional<std::uint64_t> xcr0(int cpu) const override { return machine_.xcr0(cpu); }
    const FileSource& files() const override { return machine_.files(); }
    std::optional<std::string> pci_ids() const override { return std::nullopt; }
    std::optional<std::string> answer(Question question) const override {
        return question == Question::xcomp ? text_ : std::nullopt;
    }

  private:
    FakeMachine machine_;
    std::optional<std::string> text_;
};

TEST(CpuX86, AmxNeedsAKernelThatGrantsIt) {
    const auto amx = [](std::optional<std::string> text) {
        const FeatureSet found = usable_features(Granting("XCR0 602e7", std::move(text)), 0);
        EXPECT_TRUE(found.contains("avx512f"));
        return found.contains("amx_int8");
    };
    EXPECT_TRUE(amx(std::nullopt)) << "nobody was asked";
    EXPECT_TRUE(amx("supported 00000000000602e7\npermitted 00000000000002e7\n"));
    EXPECT_FALSE(amx("supported 00000000000002e7\npermitted 00000000000002e7\n"));
    EXPECT_FALSE(amx("supported 00000000000202e7\n"));
    EXPECT_TRUE(amx("rubbish\n"));
}

TEST(CpuX86, DifferentCoresAreIntersectedAndTheDifferenceIsSaid) {
    FakeMachine machine;
    machine.add(0, emerald_rapids("XCR0 602e7"));
    machine.add(1, emerald_rapids("XCR0 7"));
    machine.add(5, emerald_rapids("XCR0 602e7"));
    facts::Cpu cpu;
    std::vector<std::string> notes;
    read_cpu_x86(machine, cpu, notes);
    EXPECT_FALSE(cpu.features.contains("avx512f"));
    EXPECT_TRUE(cpu.features.contains("avx2"));
    EXPECT_TRUE(cpu.features_some.contains("avx512f"));
    EXPECT_FALSE(cpu.features_some.contains("avx2"));
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("avx512f"), std::string::npos) << notes[0];
}

TEST(CpuX86, SignatureAddsTheExtendedFieldsWhereTheManualSaysSo) {
    const auto check = [](std::uint32_t eax, int family, int model, int stepping) {
        const Signature s = signature(eax);
        EXPECT_EQ(s.family, family);
        EXPECT_EQ(s.model, model);
        EXPECT_EQ(s.stepping, stepping);
    };
    check(0x00a70f41, 25, 116, 1);  // Zen 4, Phoenix
    check(0x000c06f2, 6, 207, 2);   // Emerald Rapids
    check(0x000106a5, 6, 26, 5);    // Nehalem
    check(0x00000f29, 15, 2, 9);    // NetBurst
    check(0x00000543, 5, 4, 3);     // Pentium MMX: no extended model in family 5
    check(0x000307b2, 7, 59, 2);    // Zhaoxin: family 7 has one, as Linux and GCC read it
}

TEST(CpuX86, HypervisorAndBrandAreMadePrintable) {
    FakeMachine machine(
        "0 0 1 68747541 444d4163 69746e65\n1 0 a10f11 0 80000000 0\n40000000 0 40000001 4b4d564b 564b4d56 4d\n"
        "80000000 0 80000004 0 0 0\n80000002 0 20444d41 0a5b1b45 206d6f72 78787878\n"
        "80000003 0 00000078 0 0 0\n80000004 0 41414141 0 0 0\n");
    facts::Cpu cpu;
    std::vector<std::string> notes;
    read_cpu_x86(machine, cpu, notes);
    EXPECT_EQ(cpu.hypervisor, "KVMKVMKVM");
    EXPECT_EQ(cpu.model_name, "AMD E\\x1b[\\nrom xxxxx");
    machine.dumps[0].leaves.erase({0x40000000, 0});
    read_cpu_x86(machine, cpu, notes);
    EXPECT_EQ(cpu.hypervisor, "unknown");
}

TEST(CpuX86, RubbishIsNotFatal) {
    for (const std::string_view dump : {"", "0 0 0 0 0 0\n", "0 0 ffffffff ffffffff ffffffff ffffffff\n",
                                        "1 0 1 1 1 1\n", "80000000 0 7 0 0 0\n80000001 0 0 0 ffffffff 0\n"}) {
        facts::Cpu cpu;
        std::vector<std::string> notes;
        read_cpu_x86(FakeMachine(dump), cpu, notes);
        EXPECT_TRUE(cpu.features.empty()) << dump;
        EXPECT_EQ(cpu.family, std::nullopt);
        EXPECT_FALSE(notes.empty());
    }
}

TEST(Microarchitecture, KnowsTheSignaturesOfPeoplesMachines) {
    struct Case {
        const char* vendor;
        int family, model, stepping;
        const char* name;
    };
    constexpr Case kCases[] = {
        {"AuthenticAMD", 23, 1, 1, "zen"},
        {"AuthenticAMD", 23, 8, 2, "zen+"},
        {"AuthenticAMD", 23, 113, 0, "zen2"},
        {"AuthenticAMD", 25, 33, 0, "zen3"},
        {"AuthenticAMD", 25, 68, 1, "zen3+"},
        {"AuthenticAMD", 25, 97, 2, "zen4"},
        {"AuthenticAMD", 25, 17, 1, "zen4"},
        {"AuthenticAMD", 26, 68, 0, "zen5"},
        {"AuthenticAMD", 26, 112, 0, "zen5"},
        {"GenuineIntel", 6, 26, 5, "nehalem"},
        {"GenuineIntel", 6, 60, 3, "haswell"},
        {"GenuineIntel", 6, 94, 3, "skylake"},
        {"GenuineIntel", 6, 85, 4, "skylake-avx512"},
        {"GenuineIntel", 6, 85, 7, "cascadelake"},
        {"GenuineIntel", 6, 85, 11, "cooperlake"},
        {"GenuineIntel", 6, 106, 6, "icelake-server"},
        {"GenuineIntel", 6, 143, 8, "sapphirerapids"},
        {"GenuineIntel", 6, 207, 2, "emeraldrapids"},
        {"GenuineIntel", 6, 173, 1, "graniterapids"},
        {"GenuineIntel", 6, 151, 2, "alderlake"},
        {"GenuineIntel", 6, 183, 1, "raptorlake"},
        {"GenuineIntel", 6, 198, 2, "arrowlake-s"},
        {"HygonGenuine", 24, 1, 1, "dhyana"},
    };
    for (const Case& c : kCases)
        EXPECT_EQ(microarchitecture(c.vendor, c.family, c.model, c.stepping, {}), c.name) << c.family << " " << c.model;
}

TEST(Microarchitecture, SaysNothingWhereItDoesNotKnow) {
    EXPECT_EQ(microarchitecture("AuthenticAMD", 99, 1, 1, {}), std::nullopt);
    EXPECT_EQ(microarchitecture("GenuineIntel", 25, 17, 1, {}), std::nullopt) << "another vendor's family";
    EXPECT_EQ(microarchitecture("GenuineIntel", 6, 0x86, 0, {}), "tremont");
    EXPECT_EQ(microarchitecture("GenuineIntel", 6, 0x86, 0, {"avx", "avx2"}), std::nullopt)
        << "QEMU's Icelake-Server borrows the number of an Atom";
    EXPECT_EQ(microarchitecture(facts::Cpu{}), std::nullopt);
}

TEST(Amx, PermissionThatNobodyAskedForIsANote) {
    FakeMachine machine;
    machine.memory.texts["/proc/cpuinfo"] =
        "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 143\nflags : fpu lm amx_tile amx_int8\n";
    const auto noted = [&] { return facts::to_json(*probe(machine, "h")).find("AMX was not asked"); };
    EXPECT_NE(noted(), std::string::npos);
    machine.answers[Question::xcomp] = "supported 0000000000060000\n";
    EXPECT_EQ(noted(), std::string::npos);
}

TEST(Microarchitecture, NeedsTheSteppingOnlyWhereItDecides) {
    facts::Cpu cpu;
    cpu.vendor = "GenuineIntel", cpu.family = 6, cpu.model = 0x3c;
    EXPECT_EQ(microarchitecture(cpu), "haswell");
    cpu.model = 0x55;
    EXPECT_EQ(microarchitecture(cpu), std::nullopt) << "Skylake-SP, Cascade Lake or Cooper Lake";
}

}  // namespace
}  // namespace lf::probe
