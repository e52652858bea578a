// SPDX-License-Identifier: MIT
#include "probe/cpu_arm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/files.h"
#include "base/text.h"
#include "probe/arm_cores.h"
#include "probe/cpu_other.h"
#include "probe/cpu_proc.h"
#include "probe/fake_machine.h"
#include "probe/hypervisor.h"
#include "probe/probe.h"

namespace lf::probe {
namespace {

/// A phone: three designs and what Linux tells of them.
FakeMachine phone() {
    FakeMachine machine;
    machine.machine = "aarch64";
    auto& texts = machine.memory.texts;
    texts["/sys/devices/system/cpu/online"] = "0-3";
    texts["/sys/devices/system/cpu/present"] = "0-5";
    const std::pair<const char*, int> cores[] = {{"0x00000000411fd461", 300},
                                                 {"0x00000000411fd461", 300},
                                                 {"0x00000000412fd4d0", 800},
                                                 {"0x00000000410fd4e0", 1024}};
    std::string cpuinfo;
    for (int cpu = 0; cpu < 4; ++cpu) {
        const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}/", cpu);
        texts[folder + "regs/identification/midr_el1"] = cores[cpu].first;
        texts[folder + "cpu_capacity"] = std::to_string(cores[cpu].second);
        texts[folder + "topology/thread_siblings_list"] = std::to_string(cpu);
        texts[folder + "topology/core_siblings_list"] = cpu < 2 ? "0-1" : std::to_string(cpu);
        cpuinfo += fmt::format("processor\t: {}\nFeatures\t: fp asimd asimddp i8mm\n\n", cpu);
    }
    texts["/proc/cpuinfo"] = cpuinfo;
    return machine;
}

TEST(CpuArm, KindsAreTheDesignsTheBestFirst) {
    const auto machine = probe(phone(), "phone");
    const facts::Cpu& cpu = machine->cpu;
    ASSERT_EQ(cpu.kinds.size(), 3U);
    EXPECT_EQ(cpu.kinds[0].name, "Cortex-X3");
    EXPECT_EQ(cpu.kinds[0].role, "performance");
    EXPECT_EQ(cpu.kinds[0].midr, "0x410fd4e0");
    EXPECT_EQ(cpu.kinds[1].name, "Cortex-A715");
    EXPECT_EQ(cpu.kinds[2].role, "efficiency");
    EXPECT_EQ(cpu.kinds[2].cpus, 2);
    EXPECT_EQ(cpu.kinds[2].cores, 2);
    EXPECT_EQ(cpu.vendor, "ARM");
    EXPECT_EQ(cpu.microarchitecture, "cortex-x3");
    EXPECT_EQ(cpu.sockets, 1);  // its clusters are no sockets
    EXPECT_EQ(cpu.offline_cpus, 2);
}

TEST(CpuArm, HwcapBeatsCpuinfo) {
    struct Asked final : MachineSource {
        FakeMachine fake = phone();
        std::string architecture() const override { return "aarch64"; }
        std::vector<int> cpuid_cpus() const override { return {}; }
        std::optional<Registers> cpuid(int, std::uint32_t, std::uint32_t) const override { return std::nullopt; }
        std::optional<std::uint64_t> xcr0(int) const override { return std::nullopt; }
        const FileSource& files() const override { return fake.files(); }
        std::optional<std::string> pci_ids() const override { return std::nullopt; }
        std::optional<std::string> answer(Question question) const override {
            if (question != Question::hwcap) return std::nullopt;
            return "AT_HWCAP 0000000000500003\nAT_HWCAP2 0000000000002002\nrubbish\nAT_HWCAP3 zz\n";
        }
    };
    const auto machine = probe(Asked(), "phone");
    EXPECT_EQ(machine->cpu.source, "hwcap");
    EXPECT_EQ(machine->cpu.features, (facts::FeatureSet{"asimd", "asimddp", "fp", "i8mm", "sve", "sve2"}));
}

// Bits of arch/arm64/include/uapi/asm/hwcap.h, apart from one another.
TEST(CpuArm, BitsHaveTheKernelsPlaces) {
    EXPECT_EQ(arm_features(1ULL << 22, 0, 0), facts::FeatureSet{"sve"});
    EXPECT_EQ(arm_features(1ULL << 32, 0, 0), facts::FeatureSet{"gcs"});
    EXPECT_EQ(arm_features(1ULL << 47, 0, 0), facts::FeatureSet{"smesmop4"});
    EXPECT_EQ(arm_features(0, 1ULL << 1, 0), facts::FeatureSet{"sve2"});
    EXPECT_EQ(arm_features(0, 1ULL << 23, 0), facts::FeatureSet{"sme"});
    EXPECT_EQ(arm_features(0, 1ULL << 37, 0), facts::FeatureSet{"sme2"});
    EXPECT_EQ(arm_features(0, 1ULL << 63, 0), facts::FeatureSet{"poe"});
    EXPECT_EQ(arm_features(0, 0, 1ULL << 2), facts::FeatureSet{"lsfe"});
    EXPECT_EQ(arm_features(~0ULL, ~0ULL, ~0ULL).size(), 48U + 64U + 12U);
    EXPECT_EQ(arm_features(0, 0, 1ULL << 3), facts::FeatureSet{"ls64"});
    EXPECT_EQ(arm_features(0, 0, 1ULL << 11), facts::FeatureSet{"svelut6"});
}

// Every part that util-linux' lscpu knows: here the project's own list of those that are named otherwise, and why.
TEST(CpuArm, LscpusPartsAreNamed) {
    const std::string path = std::string(LLAMA_FLEET_SOURCE_DIR) + "/../shared/data/isa/arm-midr-parts.tsv";
    const auto text = read_file(path);
    if (!text) GTEST_SKIP() << "no " << path << ": lscpu's list was not compared";
    const std::map<std::string, std::string> otherwise = {
        {"Falkor-V1/Kryo", "Kryo-2XX-Gold"},  // 0x800 is in the Snapdragon 835 and 660; Falkor is 0xc00
        {"Kryo-V2", "Kryo-2XX-Silver"},       // its little cores
        {"PJ4/PJ4b", "PJ4"},                  // two names, one part
        {"Swift", "none"},                    // what virtual machines on Apple silicon show
    };
    int parts = 0;
    int differ = 0;
    for (const std::string_view line : lines(*text)) {
        const auto fields = split(line, '\t');
        if (line.starts_with('#') || fields.size() < 4) continue;
        const auto implementer = parse_unsigned(fields[0].substr(2), 16);
        const auto part = parse_unsigned(fields[2].substr(2), 16);
        ASSERT_TRUE(implementer && part) << line;
        const ArmCore* core = find_arm_core(static_cast<std::uint8_t>(*implementer), static_cast<std::uint16_t>(*part));
        const std::string name(core == nullptr ? "none" : core->name);
        ++parts;
        if (name == fields[3]) continue;
        ++differ;
        const auto argued = otherwise.find(std::string(fields[3]));
        EXPECT_TRUE(argued != otherwise.end() && argued->second == name) << line << " is " << name;
    }
    EXPECT_GE(parts, 190);
    EXPECT_EQ(differ, static_cast<int>(otherwise.size()));
}

TEST(CpuArm, UnknownCoresAreSaid) {
    FakeMachine machine;
    machine.machine = "aarch64";
    machine.memory.texts["/proc/cpuinfo"] =
        "processor : 0\nFeatures : fp asimd\nCPU implementer : 0x99\nCPU part : 0xabc\n";
    const auto found = probe(machine, "new");
    EXPECT_EQ(found->cpu.vendor, std::nullopt);
    EXPECT_EQ(found->cpu.microarchitecture, std::nullopt);
    EXPECT_EQ(found->cpu.kinds.front().midr, "0x990fabc0");
    EXPECT_TRUE(std::ranges::any_of(
        found->notes, [](const std::string& note) { return note.find("part 0xabc") != std::string::npos; }));
}

TEST(CpuOther, RiscvExtensionsAreThoseOfEveryHart) {
    facts::Cpu cpu;
    cpu.architecture = "riscv64";
    std::vector<std::string> notes;
    read_cpu_other(
        "processor : 0\nisa : rv64imafdcv_zicbop_zba\nuarch : spacemit,x60\nmvendorid : 0x710\n\nprocessor : 1\nisa : "
        "rv64imafdc_zba\n",
        cpu, notes);
    EXPECT_EQ(cpu.features, (facts::FeatureSet{"a", "c", "d", "f", "i", "m", "zba"}));
    EXPECT_EQ(cpu.features_some, (facts::FeatureSet{"v", "zicbop"}));
    EXPECT_EQ(cpu.model_name, "spacemit,x60");
    EXPECT_EQ(cpu.vendor, "0x710");
}

TEST(CpuOther, ArchitecturesAreKnownByCpuinfoAlone) {
    EXPECT_EQ(architecture_of("processor : 0\nCPU architecture: 8\n"), "aarch64");
    EXPECT_EQ(architecture_of("processor : 0\nCPU architecture: AArch64\n"), "aarch64") << "before Linux 3.19";
    EXPECT_EQ(architecture_of("processor : 0\nCPU architecture: 7\n"), "armv7l");
    EXPECT_EQ(architecture_of("processor : 0\ncpu : Power11 (architected), altivec supported\n"), "ppc64le");
}

TEST(CpuOther, PowerAndS390HaveGenerations) {
    facts::Cpu power;
    power.architecture = "ppc64le";
    std::vector<std::string> notes;
    read_cpu_other("processor : 0\ncpu : POWER8NVL (raw), altivec supported\n", power, notes);
    EXPECT_EQ(power.microarchitecture, "power8");
    EXPECT_EQ(power.features, (facts::FeatureSet{"altivec", "arch_2_06", "arch_2_07"}));
    facts::Cpu newest;
    newest.architecture = "ppc64le";
    read_cpu_other("processor : 0\ncpu : Power11 (architected), altivec supported\n", newest, notes);
    EXPECT_EQ(newest.microarchitecture, "power11");
    EXPECT_TRUE(newest.features.contains("arch_3_1"));
    facts::Cpu compatible;  // a POWER10 whose partition runs as a POWER9
    compatible.architecture = "ppc64le";
    read_cpu_other("processor : 0\ncpu : POWER9 (architected), altivec supported\n", compatible, notes);
    EXPECT_TRUE(compatible.features.contains("arch_3_00"));
    EXPECT_FALSE(compatible.features.contains("arch_3_1"));
    facts::Cpu mainframe;
    mainframe.architecture = "s390x";
    read_cpu_other("vendor_id : IBM/S390\nfeatures : vx vxe vxe2\nprocessor 0: version = 00,  machine = 3931\n",
                   mainframe, notes);
    EXPECT_EQ(mainframe.microarchitecture, "z16");
    EXPECT_TRUE(mainframe.features.contains("vxe2"));
}

TEST(CpuOther, OnlyTheRatifiedVectorsOfRiscvCount) {
    struct Hart {
        const char* text;
        bool vectors, noted;
    };
    constexpr Hart kHarts[] = {
        {"isa : rv64imafdcv\nmvendorid : 0x5b7\nmarchid : 0x0\nmimpid : 0x0\n", false, true},   // C920 of SG2042
        {"isa : rv64imafdcvu\nmmu : sv39\nuarch : thead,c906\n", false, true},                  // Allwinner D1
        {"isa : rv64imafdcv_zvfh\nuarch : thead,c910\nmvendorid : 0x5b7\n", false, true},       // no marchid
        {"isa : rv64imafdcv\nmmu : sv39\n", false, true},                                       // an old kernel
        {"isa : rv64imafdcv\nmvendorid : 0x710\nmarchid : 0x8000000058000001\n", true, false},  // SpacemiT X60
        {"isa : rv64imafdcv_zve64d\nmmu : sv39\n", true, false},                                // as QEMU writes
        {"isa : rv64imafdcv\nuarch : thead,c920\nmvendorid : 0x5b7\nmarchid : 0x8000000009140d00\n", true, false},
        {"isa : rv64imafdc\nmvendorid : 0x5b7\nmarchid : 0x0\n", false, false},
    };
    for (const Hart& hart : kHarts) {
        facts::Cpu cpu;
        cpu.architecture = "riscv64";
        std::vector<std::string> notes;
        read_cpu_other(std::string("processor : 0\n") + hart.text, cpu, notes);
        EXPECT_EQ(cpu.features.contains("v"), hart.vectors) << hart.text;
        EXPECT_EQ(cpu.features.contains("zvfh"), false) << hart.text;
        EXPECT_TRUE(cpu.features.contains("c")) << hart.text;
        EXPECT_EQ(!notes.empty(), hart.noted) << hart.text;
    }
}

TEST(Hypervisor, IsNamedByWhatIsThere) {
    const auto named = [](const std::string& path, const std::string& text) {
        MemoryFiles files;
        files.texts[path] = text;
        facts::Cpu cpu;
        read_hypervisor(files, cpu);
        return cpu.hypervisor.value_or("none");
    };
    EXPECT_EQ(named("/sys/hypervisor/type", "xen\n"), "Xen");
    EXPECT_EQ(named("/sys/class/dmi/id/product_name", "VirtualBox\n"), "Oracle");
    EXPECT_EQ(named("/sys/class/dmi/id/product_name", "MS-7C91\n"), "none");
    EXPECT_EQ(named("/sys/class/dmi/id/product_name", "Apple Virtualization Generic Platform\n"), "Apple");
    EXPECT_EQ(named("/sys/class/dmi/id/sys_vendor", "Apple Inc.\n"), "none");
    EXPECT_EQ(named("/sys/class/dmi/id/product_name", "vServer\n"), "KVM");
    EXPECT_EQ(named("/sys/class/dmi/id/product_name", "KubeVirt\n"), "KVM");
    EXPECT_EQ(named("/sys/class/dmi/id/sys_vendor", "KubeVirt\n"), "KVM");
    EXPECT_EQ(named("/sys/class/dmi/id/bios_vendor", "Bochs\n"), "Bochs");
    EXPECT_EQ(named("/sys/class/dmi/id/sys_vendor", "Oracle Corporation\n"), "none") << "Sun's servers have it too";
    EXPECT_EQ(named("/proc/sysinfo", "LPAR Number: 3\nVM00 Control Program: z/VM    6.1.0\n"), "z/VM 6.1.0");
    EXPECT_EQ(named("/proc/sysinfo", "LPAR Number: 3\n"), "PR/SM");
    EXPECT_EQ(named("/proc/bus/pci/devices", "0010\t80eebeef\t0\n"), "Oracle");
    EXPECT_EQ(named("/proc/device-tree/hypervisor/compatible", std::string("linux,kvm\0", 10)), "KVM");
}

}  // namespace
}  // namespace lf::probe
